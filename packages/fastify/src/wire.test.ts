import { Controller, Frame, Sse, SseStream } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { http2Get } from "../test/http2-get.js";
import { chunksOf, exchange, get } from "../test/raw-connection.js";

const END = 'event: sluice.end\nid: #end\ndata: {"outcome":"done"}\n\n';

@Controller()
class Values {
  @Sse("values") *values() {
    yield "text";
    yield "";
    yield 0;
    yield false;
    yield null;
    yield [1, "a"];
    yield { data: { n: 1 } };
    yield { event: "tick", id: "0", retry: 0, comment: "note", data: "" };
  }

  @Sse("lines") *lines() {
    yield { data: "a\nb\r\nc\rd\r\re\u2028f" };
    yield { comment: "one\rtwo", data: "\ud800" };
    yield { data: " led by a blank" };
  }

  @Sse("alone") *alone() {
    yield { comment: "still here" };
    yield { retry: 5 };
    yield { id: "7" };
    yield "x";
  }

  @Sse("frames") *frames() {
    yield Frame.of({ event: "shared", data: "é" });
    yield Frame.of("second");
  }

  @Sse("text") *text() {
    yield "Grüße 日本 🎉";
  }

  @Sse("big") *big() {
    yield { data: "é".repeat(500_000) };
    yield "after";
  }

  @Sse("illegal-later/:what") *illegal() {
    yield "fine";
    yield { event: "a\r\ndata: injected", data: "x" };
  }

  @Sse("nothing") *nothing() {}
}

describe("the body on the wire", () => {
  it("W1: strings are sent as they are, all else as JSON, and 0, false, null and '' have a line", async () => {
    const client = await testSse(await serve(Values), "/values");
    expect(await client.text()).toBe(
      'data: text\n\ndata: \n\ndata: 0\n\ndata: false\n\ndata: null\n\ndata: [1,"a"]\n\ndata: {"n":1}\n\n' +
        ": note\nevent: tick\nid: 0\nretry: 0\ndata: \n\n" +
        'event: sluice.end\nid: 0#end\ndata: {"outcome":"done"}\n\n',
    );
    expect(client.isComplete).toBe(false);
    expect((await client.rest()).map(({ data }) => data)).toContain("null");
  });

  it("W2: each line break in data and comments begins a line, and U+2028 does not", async () => {
    const client = await testSse(await serve(Values), "/lines");
    expect(await client.text()).toBe(
      "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\u2028f\n\n" +
        ": one\n: two\ndata: \ufffd\n\n" +
        `data:  led by a blank\n\n${END}`,
    );
    const [first, , third] = await client.rest();
    expect(first!.data).toBe("a\nb\nc\nd\n\ne\u2028f");
    expect(third!.data).toBe(" led by a blank");
  });

  it("W3: a line break in a name ends the stream, and nothing of it is sent", async () => {
    const client = await testSse(await serve(Values), "/illegal-later/x");
    expect(await client.text()).toBe("data: fine\n\n");
  });

  it("W4: a comment, a retry and an id may stand alone; a lone id and no other ends its frame", async () => {
    const client = await testSse(await serve(Values), "/alone");
    expect(await client.text()).toBe(
      ': still here\nretry: 5\nid: 7\n\ndata: x\n\nevent: sluice.end\nid: 7#end\ndata: {"outcome":"done"}\n\n',
    );
    expect((await client.rest()).map(({ data }) => data)).toEqual(["x", '{"outcome":"done"}']);
  });

  it("W5: a stream without ids gets none before its end", async () => {
    const client = await testSse(await serve(Values), "/text");
    expect((await client.next()).id).toBeUndefined();
  });

  it("W8: no carriage return is ever sent within the body", async () => {
    const client = await testSse(await serve(Values), "/lines");
    expect(await client.text()).not.toContain("\r");
  });

  it("sends a frame's own text", async () => {
    const client = await testSse(await serve(Values), "/frames");
    expect(await client.text()).toBe(`event: shared\ndata: é\n\ndata: second\n\n${END}`);
  });

  it("a source that ends without an event still has the head of a stream", async () => {
    const client = await testSse(await serve(Values), "/nothing");
    expect(client.status).toBe(200);
    expect(client.headers["content-type"]).toBe("text/event-stream");
    expect(await client.text()).toBe(END);
  });
});

describe("the chunked coding", () => {
  it("W7: counts bytes, not characters, and ends with the empty chunk", async () => {
    const connection = await exchange(await serve(Values), get("/text", { Connection: "close" }));
    await connection.closed();
    const event = Buffer.from("data: Grüße 日本 🎉\n\n").toString("latin1");
    const chunks = chunksOf(connection.body);
    expect(chunks.join("")).toBe(event + END);
    expect(chunks.at(-1)).toBe("");
    expect(connection.body.endsWith("0\r\n\r\n")).toBe(true);
  });

  it("W7: joins what one turn of the event loop gives into one chunk", async () => {
    const connection = await exchange(await serve(Values), get("/frames"));
    await connection.until(({ body }) => body.endsWith("0\r\n\r\n"));
    expect(chunksOf(connection.body).length).toBeLessThanOrEqual(3);
  });

  it("sends the head and the first event in one packet", async () => {
    const connection = await exchange(await serve(Values), get("/text"));
    await connection.until(({ received }) => received !== "");
    expect(connection.reads[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\n[0-9a-f]+\r\ndata: Gr/s);
  });

  it("carries an event of 1 MB whole", async () => {
    const connection = await exchange(await serve(Values), get("/big", { Connection: "close" }));
    await connection.closed();
    const body = Buffer.from(chunksOf(connection.body).join(""), "latin1").toString("utf8");
    expect(connection.reads.length).toBeGreaterThan(1);
    expect(body === `data: ${"é".repeat(500_000)}\n\ndata: after\n\n${END}`).toBe(true);
  });

  it("leaves the connection usable for the next request", async () => {
    const app = await serve(Values);
    const connection = await exchange(app, get("/text"));
    await connection.until(({ body }) => body.endsWith("0\r\n\r\n"));
    connection.received = "";
    connection.socket.write(get("/nothing").replaceAll("\n", "\r\n"));
    await connection.until(({ body }) => body.endsWith("0\r\n\r\n"));
    expect(chunksOf(connection.body).join("")).toBe(END);
  });

  it("W7: a pipelined stream that waits its turn arrives after the one before it", async () => {
    const app = await serve(Values);
    const both = get("/text") + get("/frames", { Connection: "close" });
    const connection = await exchange(app, both);
    await connection.closed();
    const [, first, second] = connection.received.split("HTTP/1.1 200 OK");
    expect(first).toContain("data: Gr");
    expect(chunksOf(second!.slice(second!.indexOf("\r\n\r\n") + 4)).join("")).toContain(
      "event: shared\n",
    );
  });
});

describe("other carriers", () => {
  it("HTTP/1.0 gets the body without the chunked coding, and the end by closing", async () => {
    const connection = await exchange(await serve(Values), "GET /text HTTP/1.0\n\n");
    await connection.closed();
    const body = Buffer.from(connection.body, "latin1").toString("utf8");
    expect(body).toBe(`data: Grüße 日本 🎉\n\n${END}`);
    expect(connection.head).not.toMatch(/transfer-encoding/i);
  });

  it("HTTP/2 gets the same body", async () => {
    const answer = await http2Get(await serve(Values, {}, makeApp({ http2: true })), "/big");
    const body = await answer.text();
    expect(body === `data: ${"é".repeat(500_000)}\n\ndata: after\n\n${END}`).toBe(true);
  });

  it("an SseStream and an iterable look the same on the wire", async () => {
    @Controller()
    class Imperative {
      @Sse("text") text() {
        const stream = new SseStream();
        stream.sendData("Grüße 日本 🎉");
        stream.sendComment("note");
        stream.close();
        return stream;
      }
    }
    const client = await testSse(await serve(Imperative), "/text");
    expect(await client.text()).toBe(`data: Grüße 日本 🎉\n\n: note\n${END}`);
  });
});
