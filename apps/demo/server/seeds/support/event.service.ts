import { EventEmitter } from "node:events";
import { Injectable } from "@sluice/core";

/** One listener's share of the service: an emitter that can be given up. */
export class Subscription extends EventEmitter<{ event: [{ count: number }] }> {
  readonly #timer: NodeJS.Timeout;

  constructor() {
    super();
    let count = 0;
    this.#timer = setInterval(() => this.emit("event", { count: ++count }), 500);
  }

  unsubscribe(): void {
    clearInterval(this.#timer);
    this.removeAllListeners();
  }
}

@Injectable()
export class EventService {
  subscribe(): Subscription {
    return new Subscription();
  }
}
