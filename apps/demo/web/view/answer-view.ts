import { followAnswer } from "../channels/answer.js";
import type { FollowOptions } from "../channels/follow.js";
import type { ClientView } from "./client-view.js";
import { el } from "./dom.js";

const EMPTY = "The answer appears here, word by word.";

/** An answer that is written while it comes. */
export class AnswerView implements ClientView {
  readonly element = el("p.visual.answer", {}, EMPTY);

  follow(url: string, options: FollowOptions) {
    this.element.replaceChildren();
    return followAnswer(url, options, this);
  }

  add(word: string): void {
    this.element.append(el("span.answer-word", {}, word), " ");
  }

  clear(): void {
    this.element.replaceChildren(EMPTY);
  }
}
