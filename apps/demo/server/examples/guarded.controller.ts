import { setTimeout as sleep } from "node:timers/promises";
import { Controller, Req, Signal, Sse, UseGuards, every } from "@sluice/core";
import { Member, SignedIn, type SignedInRequest } from "./guards.js";

@Controller("events")
export class GuardedController {
  @Sse("stream")
  @UseGuards(every(SignedIn, Member))
  async *stream(@Req() { user }: SignedInRequest, @Signal() signal: AbortSignal) {
    for (let n = 1; ; n++) {
      yield { event: "secret", data: { to: user.name, n } };
      await sleep(1000, undefined, { signal });
    }
  }
}
