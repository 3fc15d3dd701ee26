import { Controller, Sse } from "@sluice/core";
import { DataService } from "./support/data.service.js";

@Controller("events")
export class EventsController {
  constructor(private dataService: DataService) {}

  @Sse("data")
  async *streamData() {
    try {
      yield { data: { status: "started" }, event: "start" };

      for await (const item of this.dataService.stream()) {
        yield { data: item, event: "data" };
      }
    } catch (error) {
      yield {
        data: { error: error.message },
        event: "error",
      };
    } finally {
      yield { data: { status: "ended" }, event: "end" };
    }
  }
}
