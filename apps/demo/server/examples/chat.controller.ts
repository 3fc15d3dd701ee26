import { randomInt } from "node:crypto";
import { Body, Controller, Ctx, Delete, Param, Run, Runs, Sse } from "@sluice/core";
import type { Context, RunContext, SseEvents } from "@sluice/core";
import { z } from "zod";
import { LanguageModel } from "../chat/language-model.js";

const Prompt = z.string().trim().min(1).max(300);

type ChatEvents = {
  /** `about`: after how many tokens the answer is about to end. */
  start: { prompt: string; seed: number; about: number; at: number };
  token: { text: string; at: number };
};

const keyOf = (id: unknown) => `chat:${String(id)}`;

@Controller("chat")
export class ChatController {
  constructor(
    private readonly model: LanguageModel,
    private readonly runs: Runs,
  ) {}

  /** Runs once for an id: whoever comes, comes back, or comes second, hears the same answer. */
  @Sse(":id", { method: "POST", retry: "1s" })
  @Run({
    key: ({ params }) => keyOf(params["id"]),
    attach: true,
    restart: "on-error",
    // Who tries this out restarts the server again and again.
    maxAttempts: 20,
  })
  async *answer(
    @Body("prompt", Prompt) prompt: string,
    @Ctx() ctx: RunContext<ChatEvents>,
  ): SseEvents<ChatEvents> {
    let seed = randomInt(2 ** 32);
    const tokens: string[] = [];
    let isBegun = false;
    // The server was restarted: say again what was said, and go on where that was.
    for await (const said of ctx.previous) {
      isBegun = true;
      if (said.event === "start") seed = said.data.seed;
      if (said.event === "token") tokens.push(said.data.text);
      yield said;
    }
    const answer = this.model.begin({ prompt, seed }, tokens);
    const { about } = answer;
    if (!isBegun) yield { event: "start", data: { prompt, seed, about, at: Date.now() } };
    for await (const text of this.model.write(answer, ctx.signal)) {
      yield { event: "token", data: { text, at: Date.now() } };
    }
  }

  /** Stops an answer, for all who listen. */
  @Delete(":id")
  async stop(@Param("id") id: string, @Ctx() { principal }: Context) {
    return { stopped: await this.runs.cancel(keyOf(id), { principal }) };
  }
}
