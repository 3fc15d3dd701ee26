import { Controller, Sse } from "@sluice/core";

/** The frames that the document prints under "Protocol Details". */
@Controller("events")
export class EventsController {
  @Sse("frames")
  async *streamFrames() {
    yield { event: "greeting", id: "1", data: { message: "Hello" } };
    yield { event: "update", id: "2", retry: 3000, data: { count: 42 } };
    yield { comment: "This is a comment" };
    yield { data: "Simple message without event type" };
  }
}
