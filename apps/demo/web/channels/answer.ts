import { connect, type EventsOf } from "@sluice/client";
import type { AnswersController } from "../../server/examples/answers.controller.js";
import type { AnswerView } from "../view/answer-view.js";
import type { FollowOptions } from "./follow.js";

type AnswerEvents = EventsOf<AnswersController["answer"]>;

/** Asks by the body in the options, which makes it a POST. It is made once: nothing reconnects. */
export function followAnswer(url: string, options: FollowOptions, view: AnswerView) {
  const answer = connect<AnswerEvents>(url, options);

  answer.on("token", ({ word }) => view.add(word));

  return answer;
}
