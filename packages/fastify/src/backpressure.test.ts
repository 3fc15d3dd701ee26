import "reflect-metadata";
import { Controller, Sse, SseStream } from "@sluice/core";
import { expect, it, vi } from "vitest";
import { serve } from "../test/app.js";
import { chunksOf, exchange, get } from "../test/raw-connection.js";
import { standstill, stoppedClient } from "../test/stopped-client.js";
import { nextOpened, watchClosings } from "../test/watch.js";

const BLOCK = "x".repeat(8_192);

/** A generator that never ends, and how far it has come. */
function flood() {
  const counts = { steps: 0, ended: 0 };
  @Controller("flood")
  class FloodController {
    @Sse()
    async *flood() {
      try {
        for (;;) yield { id: String(++counts.steps), data: BLOCK };
      } finally {
        counts.ended++;
      }
    }
  }
  return { FloodController, counts };
}

it("C5: a client that stops reading makes the generator wait, and it goes on after", async () => {
  const { FloodController, counts } = flood();
  const app = await serve(FloodController);
  const client = await stoppedClient(app, "/flood");
  const waited = await standstill(() => counts.steps);
  // What the system's own buffers take is a few megabytes at most.
  expect(waited * BLOCK.length).toBeLessThan(16_000_000);

  client.socket.resume();
  await vi.waitFor(() => expect(counts.steps).toBeGreaterThan(waited * 3), { timeout: 5_000 });
  client.socket.pause();
  const again = await standstill(() => counts.steps);
  const bytes = client.received.length;
  client.socket.destroy();
  await vi.waitFor(() => expect(counts.ended).toBe(1));
  expect(counts.steps).toBe(again);
  // Nothing was lost or doubled on the way.
  const body = client.received.slice(client.received.indexOf("\r\n\r\n") + 4, bytes);
  const ids = [...body.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(ids.map((_, index) => index + 1));
});

it("C5: a client that dies while the generator waits for it ends the generator", async () => {
  const closings = watchClosings();
  const { FloodController, counts } = flood();
  const app = await serve(FloodController);
  const client = await stoppedClient(app, "/flood");
  await standstill(() => counts.steps);
  expect(counts.ended).toBe(0);
  client.socket.resetAndDestroy();
  await vi.waitFor(() => expect(counts.ended).toBe(1));
  expect(closings).toEqual([{ route: "FloodController.flood", reason: "client" }]);
});

it("C5: a stopped client that reads on receives the rest and the end", async () => {
  const total = 2_000;
  let steps = 0;
  @Controller("finite")
  class FiniteController {
    @Sse()
    async *finite() {
      for (let n = 0; n < total; n++, steps++) yield { id: String(n), data: BLOCK };
    }
  }
  const app = await serve(FiniteController);
  const client = await stoppedClient(app, "/finite");
  await standstill(() => steps);
  expect(steps).toBeLessThan(total);
  client.socket.resume();
  await client.until(({ reads }) => reads.at(-1)?.endsWith("\r\n0\r\n\r\n") ?? false);
  expect(idsOf(client.received)).toEqual(Array.from({ length: total }, (_, n) => n));
  expect(client.received).toContain(`id: ${total - 1}#end\n`);
});

it("C5: fifty events of 64 KiB in one go arrive whole and in order", async () => {
  const big = "y".repeat(65_536);
  @Controller("burst")
  class BurstController {
    @Sse("sync")
    *sync() {
      for (let n = 0; n < 50; n++) yield { id: String(n), data: big };
    }

    @Sse("async")
    async *async() {
      for (let n = 0; n < 50; n++) yield { id: String(n), data: big };
    }

    @Sse("stream")
    stream() {
      const stream = new SseStream({ maxBufferedBytes: 8_000_000 });
      for (let n = 0; n < 50; n++) stream.send({ id: String(n), data: big });
      stream.close();
      return stream;
    }
  }
  const app = await serve(BurstController);
  const expected = [
    ...Array.from({ length: 50 }, (_, n) => `id: ${n}\ndata: ${big}\n\n`),
    'event: sluice.end\nid: 49#end\ndata: {"outcome":"done"}\n\n',
  ].join("");
  for (const path of ["sync", "async", "stream"]) {
    const client = await exchange(app, get(`/burst/${path}`));
    await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
    expect(chunksOf(client.body).join("") === expected).toBe(true);
  }
});

/** A stream that a test sends on, and the client of it that does not read. */
async function imperative(options: ConstructorParameters<typeof SseStream>[0]) {
  const stream = new SseStream(options);
  @Controller("imperative")
  class ImperativeController {
    @Sse()
    imperative() {
      return stream;
    }
  }
  const app = await serve(ImperativeController, { keepAlive: false });
  const opened = nextOpened();
  const client = await stoppedClient(app, "/imperative");
  await opened;
  stream.send({ id: "0", data: BLOCK });
  // Events wait in the stream as soon as the socket and the system's buffers are full.
  let sent = 0;
  const fill = async (until: () => boolean): Promise<number> => {
    while (!until()) {
      stream.send({ id: String(++sent), data: BLOCK });
      if (sent % 20 === 0) await new Promise(setImmediate);
      if (sent > 10_000) throw new Error("The stream was never full.");
    }
    return sent;
  };
  return { stream, client, fill };
}

const idsOf = (text: string): number[] =>
  [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

it("C7: a stream whose client stopped reading disconnects it when its buffer is full", async () => {
  const closings = watchClosings();
  const { stream, client, fill } = await imperative({ maxBufferedBytes: 100_000 });
  const closed = vi.fn();
  stream.onClose(closed);
  await fill(() => stream.isClosed());
  expect(closed).toHaveBeenCalledExactlyOnceWith("slow-consumer");
  expect(closings).toEqual([{ route: "ImperativeController.imperative", reason: "slow-consumer" }]);
  expect(stream.send("too late")).toBe(false);
  expect(stream.bufferedBytes).toBe(0);
  client.socket.resume();
  await client.closed();
  expect(client.received.endsWith("\r\n0\r\n\r\n")).toBe(false);
});

it("C7: `drop-oldest` keeps the newest, counts what is lost, and goes on in order", async () => {
  const lost: number[] = [];
  const { stream, client, fill } = await imperative({
    maxBufferedBytes: 100_000,
    overflow: "drop-oldest",
    onDrop: (event, dropped) => {
      lost.push(Number((event as { id: string }).id));
      expect(dropped).toBe(lost.length);
    },
  });
  const sent = await fill(() => stream.dropped >= 20);
  expect(stream.bufferedBytes).toBeLessThanOrEqual(100_000);
  client.socket.resume();
  await client.until(({ received }) => received.includes(`id: ${sent}\n`));
  const received = idsOf(client.received);
  expect([...received, ...lost].toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: sent + 1 }, (_, id) => id),
  );
  expect(received).toEqual(received.toSorted((a, b) => a - b));
  expect(lost).toHaveLength(stream.dropped);
});

it("C7: `drop-newest` keeps what waits and counts what is lost", async () => {
  const { stream, client, fill } = await imperative({
    maxBufferedBytes: 100_000,
    overflow: "drop-newest",
  });
  const sent = await fill(() => stream.dropped >= 20);
  expect(stream.send({ id: "x", data: BLOCK })).toBe(false);
  stream.close();
  client.socket.resume();
  await client.until(({ received }) => received.endsWith("\r\n0\r\n\r\n"));
  const received = idsOf(client.received);
  expect(received).toHaveLength(sent + 1 - (stream.dropped - 1));
  expect(received).toEqual(received.toSorted((a, b) => a - b));
});
