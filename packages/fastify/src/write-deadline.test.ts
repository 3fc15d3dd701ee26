import "reflect-metadata";
import { Controller, Sse, SseStream } from "@sluice/core";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { serve } from "../test/app.js";
import { standstill, stoppedClient } from "../test/stopped-client.js";
import { watchClosings } from "../test/watch.js";
import { WriteDeadline, type Watched } from "./write-deadline.js";

afterEach(() => void vi.useRealTimers());

@Controller("deadline")
class DeadlineController {
  static yielded = 0;
  static finished = 0;

  @Sse("flood")
  async *flood() {
    try {
      for (;;) {
        DeadlineController.yielded++;
        yield "x".repeat(8_192);
      }
    } finally {
      DeadlineController.finished++;
    }
  }

  @Sse("big")
  big() {
    const stream = new SseStream({ maxBufferedBytes: 100_000_000 });
    for (let n = 0; n < 5_000; n++) stream.send("x".repeat(8_192));
    stream.close();
    return stream;
  }
}

it("C5: a client that takes nothing for `writeTimeout` is cut off, and its generator ends", async () => {
  const closings = watchClosings();
  const app = await serve(DeadlineController, { writeTimeout: 200, keepAlive: 50 });
  const client = await stoppedClient(app, "/deadline/flood");
  await standstill(() => DeadlineController.yielded);
  await vi.waitFor(() => expect(closings.length).toBe(1), 5_000);
  expect(closings).toEqual([{ route: "DeadlineController.flood", reason: "slow-consumer" }]);
  expect(DeadlineController.finished).toBe(1);
  client.socket.resume();
  await client.closed();
});

it("C5: so is one that does not take the end of a stream that is over", async () => {
  const closings = watchClosings();
  const app = await serve(DeadlineController, { writeTimeout: 200 });
  const client = await stoppedClient(app, "/deadline/big");
  let isGone = false;
  const connections = await new Promise<number>((resolve) => {
    const timer = setInterval(() => {
      app.server.getConnections((_error, count) => {
        if (count > 0) isGone = true;
        else if (isGone) {
          clearInterval(timer);
          resolve(count);
        }
      });
    }, 10);
    onTestFinished(() => clearInterval(timer));
  });
  expect(connections).toBe(0);
  expect(closings).toHaveLength(1);
  client.socket.resume();
  expect((await client.closed()).received.endsWith("0\r\n\r\n")).toBe(false);
});

it("C5: a client that takes something now and then stays, however much waits for it", () => {
  vi.useFakeTimers();
  const deadline = new WriteDeadline(1_000);
  const slow = { waitingBytes: 65_536, takenBytes: 1, stall: vi.fn() };
  deadline.add(slow satisfies Watched);
  for (let n = 0; n < 20; n++) {
    vi.advanceTimersByTime(900);
    slow.takenBytes++;
  }
  expect(slow.stall).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_500);
  expect(slow.stall).toHaveBeenCalled();
  deadline.delete(slow);
  expect(vi.getTimerCount()).toBe(0);
});

it("C5: a client that has taken everything is waited for without a limit", () => {
  vi.useFakeTimers();
  const deadline = new WriteDeadline(1_000);
  const quiet = { waitingBytes: 0, takenBytes: 9, stall: vi.fn() };
  deadline.add(quiet);
  vi.advanceTimersByTime(100_000);
  quiet.waitingBytes = 10;
  vi.advanceTimersByTime(900);
  expect(quiet.stall).not.toHaveBeenCalled();
  vi.advanceTimersByTime(500);
  expect(quiet.stall).toHaveBeenCalled();
});
