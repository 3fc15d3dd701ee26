import { setTimeout as sleep } from "node:timers/promises";
import { Body, Controller, event, Signal, Sse } from "@sluice/core";
import { z } from "zod";

const Question = z.object({ prompt: z.string().min(1).max(200) });

@Controller("answers")
export class AnswersController {
  /** A POST whose answer arrives word by word. */
  @Sse(undefined, { method: "POST" })
  async *answer(
    @Body(Question) { prompt }: z.infer<typeof Question>,
    @Signal() signal: AbortSignal,
  ) {
    const text = `You asked: ${prompt} A sluice is a channel whose flow a gate controls.`;
    for (const word of text.split(" ")) {
      yield event("token", { word });
      await sleep(120, undefined, { signal });
    }
  }
}
