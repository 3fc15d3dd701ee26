import { Controller, Sse } from "@sluice/core";

@Controller("events")
export class FieldsController {
  @Sse("fields")
  *fields() {
    // Every field that an event can have.
    yield {
      comment: "A browser never sees this line.",
      event: "notification",
      id: "msg-123",
      retry: 3000,
      data: { title: "New message", body: "You have a new message" },
    };
    // Data that is not a string goes as JSON; zero, false, null and "" are data too.
    yield { data: 0 };
    yield { data: false };
    yield { data: null };
    yield { data: "" };
    // A string goes as it is, each of its lines on a line of its own.
    yield { data: "first line\nsecond line\r\nthird line" };
    // What is yielded without the braces is the data.
    yield ["plain", "data"];
    // An id or a retry alone changes what the browser does when it reconnects.
    yield { id: "msg-124" };
    yield { retry: 5000 };
  }
}
