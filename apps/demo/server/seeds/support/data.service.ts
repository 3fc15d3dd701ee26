import { setTimeout as sleep } from "node:timers/promises";
import { Injectable } from "@sluice/core";

/** Reads three items, and then fails. */
@Injectable()
export class DataService {
  async *stream(): AsyncGenerator<{ item: number }, void, unknown> {
    for (let item = 1; item <= 3; item++) {
      yield { item };
      // oxlint-disable-next-line no-await-in-loop -- the next one comes later
      await sleep(200);
    }
    throw new Error("The source has run dry.");
  }
}
