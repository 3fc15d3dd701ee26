import { Controller, Sse } from "@sluice/core";

@Controller("events")
export class EventsController {
  @Sse("countdown")
  async *countdown() {
    for (let i = 10; i >= 1; i--) {
      yield {
        data: { count: i },
        event: "countdown",
        id: String(10 - i + 1),
      };

      await new Promise((resolve) => setTimeout(resolve, 1000));
    }

    yield {
      data: { message: "Countdown complete!" },
      event: "complete",
    };
  }
}
