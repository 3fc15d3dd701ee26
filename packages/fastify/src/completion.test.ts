import "reflect-metadata";
import { Controller, LastEventId, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { serve } from "../test/app.js";
import { chunksOf, exchange, get } from "../test/raw-connection.js";
import { Gate, watchClosings } from "../test/watch.js";

@Controller("complete")
class CompleteController {
  @Sse("ids")
  *ids() {
    yield { id: "41", data: 1 };
    yield { id: "42", data: 2 };
    yield "without an id";
  }

  @Sse("resumed")
  async *resumed(@LastEventId() last?: string) {
    yield { data: last ?? null };
  }

  @Sse("nothing")
  async *nothing() {}

  @Sse("reset")
  *reset() {
    yield { id: "42", data: 1 };
    yield { id: "", data: 2 };
  }

  @Sse("again", { onComplete: "reconnect" })
  *again() {
    yield { id: "1", data: 1 };
  }

  @Sse("closed")
  closed() {
    const stream = new SseStream();
    stream.send({ id: "7", data: "last" });
    stream.close();
    return stream;
  }
}

const END = (id: string): string => `event: sluice.end\nid: ${id}\ndata: {"outcome":"done"}\n\n`;

it("C3: a source that returns ends with the completion frame and the end of the body", async () => {
  const app = await serve(CompleteController);
  const client = await exchange(app, get("/complete/ids"));
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  expect(chunksOf(client.body).join("")).toBe(
    `id: 41\ndata: 1\n\nid: 42\ndata: 2\n\ndata: without an id\n\n${END("42#end")}`,
  );
});

it.each([
  ["resumed", "12", "12#end"],
  ["resumed", undefined, "#end"],
  ["resumed", "x".repeat(1_020), `${"x".repeat(1_020)}#end`],
  // With the mark it could not come back.
  ["resumed", "x".repeat(1_021), "#end"],
  ["nothing", undefined, "#end"],
  ["nothing", "é", "é#end"],
  // An empty id resets the client's last one (WHATWG HTML section 9.2.6).
  ["reset", undefined, "#end"],
  ["closed", undefined, "7#end"],
])("C3: %s, resumed after %s, ends with its last id and the mark", async (path, after, id) => {
  const app = await serve(CompleteController);
  await using client = await testSse(app, `/complete/${path}`, {
    ...(after !== undefined && { lastEventId: after }),
  });
  const events = await client.rest();
  expect(events.at(-1)).toMatchObject({ event: "sluice.end", id, data: '{"outcome":"done"}' });
  expect(await client.ended).toBe(true);
});

it("C3: a client that comes back with the mark is answered 204 and the handler is not called", async () => {
  const app = await serve(CompleteController);
  await using client = await testSse(app, "/complete/ids");
  await client.rest();
  expect(client.isComplete).toBe(true);
  await client.reconnect();
  expect(client.status).toBe(204);
  expect(client.headers["cache-control"]).toBe("no-store");
  expect(await client.text()).toBe("");
});

it('C3: `onComplete: "reconnect"` ends without the frame', async () => {
  const closings = watchClosings();
  const app = await serve(CompleteController);
  await using client = await testSse(app, "/complete/again");
  expect(await client.text()).toBe("id: 1\ndata: 1\n\n");
  expect(await client.ended).toBe(true);
  expect(closings).toEqual([{ route: "CompleteController.again", reason: "complete" }]);
});

it("C3: a connection stays usable for the next request after a stream completed", async () => {
  const app = await serve(CompleteController);
  const client = await exchange(app, get("/complete/ids"));
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  client.received = "";
  client.socket.write(get("/complete/closed").replaceAll("\n", "\r\n"));
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  expect(chunksOf(client.body).join("")).toContain("data: last\n\n");
});

it("C3: what was sent before the close of a stream goes out before the frame", async () => {
  const gate = new Gate();
  @Controller("late")
  class LateController {
    @Sse()
    late() {
      const stream = new SseStream();
      void gate.opened.then(() => {
        for (let n = 0; n < 1_000; n++) stream.send({ data: n });
        stream.close();
        stream.close();
      });
      return stream;
    }
  }
  const app = await serve(LateController);
  await using client = await testSse(app, "/late");
  gate.open();
  const events = await client.rest();
  expect(events.map(({ data }) => data)).toEqual([
    ...Array.from({ length: 1_000 }, (_, n) => String(n)),
    '{"outcome":"done"}',
  ]);
});
