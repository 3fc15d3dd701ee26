import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { post, read } from "../test/read-stream.js";
import { type Demo, startDemo } from "../test/start-demo.js";

let demo: Demo;
const at = (path: string) => `${demo.url}/seeds/${path}`;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => {
  await demo.stop();
});

const parsed = (data: string | undefined) => JSON.parse(data!) as unknown;
const timestamp = expect.stringMatching(/^\d{4}-.*Z$/) as string;
const number = expect.any(Number) as number;

describe.concurrent("the printed examples", () => {
  test("async generators: a greeting, then numbered updates with their time", async () => {
    using stream = await read(at("async-generators/events/updates"));
    const [connected, update] = await stream.take(2);
    expect(connected).toEqual({ event: "connected", data: '{"message":"Connected"}' });
    expect(update).toMatchObject({ event: "update", id: "0" });
    expect(parsed(update?.data)).toEqual({ count: 0, timestamp });
  });

  test("async generators: a client that comes back finds the whole stream again", async () => {
    const headers = { "Last-Event-ID": "4" };
    using stream = await read(at("async-generators/events/updates"), { headers });
    expect((await stream.take(2))[1]).toMatchObject({ id: "0" });
  });

  test("SseStream: the time, counted", async () => {
    using stream = await read(at("sse-stream/events/time"));
    const [first] = await stream.take(1);
    expect(first?.event).toBe("time");
    expect(parsed(first?.data)).toEqual({ time: timestamp, count: 0 });
  });

  test("all fields: comment, event, id, retry and data, and then the end", async () => {
    const stream = await read(at("all-fields/events/notifications"));
    await stream.rest();
    expect(stream.raw).toMatch(
      /^: User notification event\nevent: notification\nid: msg-123\nretry: 3000\ndata: \{"title":"New Message","body":"You have a new message","timestamp":\d+\}\n\nevent: sluice\.end\nid: msg-123#end\ndata: \{"outcome":"done"\}\n\n$/,
    );
  });

  test("dependency injection: each user's stream gets that user's notifications", async () => {
    using ada = await read(at("dependency-injection/notifications/stream?userId=seed-ada"));
    using grace = await read(at("dependency-injection/notifications/stream?userId=seed-grace"));
    await post(at("dependency-injection/notifications/seed-ada"), { title: "A" });
    await post(at("dependency-injection/notifications/seed-grace"), { title: "G" });
    for (const [stream, title] of [
      [ada, "A"],
      [grace, "G"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- each of them
      const [connected, notification] = await stream.take(2);
      expect(connected).toEqual({ event: "connected", data: '{"message":"Connected"}' });
      const { id, ...rest } = parsed(notification?.data) as { id: string };
      expect(rest).toEqual({ title });
      expect(notification).toMatchObject({ event: "notification", id });
    }
  });

  test("SseStream methods: each of them writes what the reference says", async () => {
    using stream = await read(at("stream-api/events/methods"));
    await stream.take(4);
    expect(stream.raw).toMatch(
      /^event: greeting\nid: 1\ndata: \{"message":"Hello"\}\n\ndata: \{"status":"ok","count":42\}\n\n: keep-alive\ndata: Still open\n\ndata: ping\n\n/,
    );
  });

  test("SseStream methods: close ends the answer", async () => {
    const stream = await read(at("stream-api/events/closing"));
    const events = await stream.rest();
    expect(events.map(({ event, data }) => [event, data])).toEqual([
      [undefined, "ping"],
      ["sluice.end", '{"outcome":"done"}'],
    ]);
  });

  test("countdown: from 10, with ids from 1", async () => {
    using stream = await read(at("countdown/events/countdown"));
    await stream.take(2);
    expect(stream.raw).toBe(
      'event: countdown\nid: 1\ndata: {"count":10}\n\nevent: countdown\nid: 2\ndata: {"count":9}\n\n',
    );
  });

  test("metrics: processor, memory and uptime each second", async () => {
    using stream = await read(at("metrics/monitoring/metrics"));
    const [metrics] = await stream.take(1);
    expect(metrics).toMatchObject({
      event: "metrics",
      id: expect.stringMatching(/^\d{13}$/) as string,
    });
    expect(parsed(metrics?.data)).toMatchObject({
      cpu: { user: number, system: number },
      memory: { rss: number },
      uptime: number,
    });
  });

  test("activity: the emitter's events arrive, and its listeners leave", async () => {
    const track = async () => {
      const answer = await post(at("activity/activity"), { userId: "ada", activity: "login" });
      return ((await answer.json()) as { listeners: number }).listeners;
    };
    const stream = await read(at("activity/activity/stream"));
    expect(await track()).toBe(1);
    const [event] = await stream.take(1);
    expect(event?.event).toBe("activity");
    expect(parsed(event?.data)).toEqual({ userId: "ada", activity: "login", timestamp: number });
    stream.close();
    await expect.poll(track).toBe(0);
  });

  test("progress: the job of the path, decoded, with an id for each step", async () => {
    using stream = await read(at("progress/jobs/progress/job%207"));
    const [start, first, second] = await stream.take(3);
    expect(start).toEqual({ event: "start", data: '{"status":"started","progress":0}' });
    expect(first).toEqual({
      event: "progress",
      id: "job 7-0",
      data: '{"jobId":"job 7","progress":0,"status":"running"}',
    });
    expect(second?.id).toBe("job 7-10");
  });

  test("keep-alive: a stream without events opens", async () => {
    using stream = await read(at("keep-alive/events/updates"));
    expect(stream.response.status).toBe(200);
  });

  test("error handling: catch and finally each send their event", async () => {
    const events = await (await read(at("error-handling/events/data"))).rest();
    expect(events.map(({ event, data }) => [event, data])).toEqual([
      ["start", '{"status":"started"}'],
      ["data", '{"item":1}'],
      ["data", '{"item":2}'],
      ["data", '{"item":3}'],
      ["error", '{"error":"The source has run dry."}'],
      ["end", '{"status":"ended"}'],
      ["sluice.end", '{"outcome":"done"}'],
    ]);
  });

  test("resource clean-up: what the subscription emits arrives", async () => {
    using stream = await read(at("resource-cleanup/events/events"));
    expect(await stream.take(2)).toEqual([{ data: '{"count":1}' }, { data: '{"count":2}' }]);
  });

  test("reconnection: the count starts at the id that comes back", async () => {
    using fresh = await read(at("reconnection/events/updates"));
    await fresh.take(1);
    expect(fresh.raw).toBe('id: 0\nretry: 3000\ndata: {"count":0}\n\n');
    const headers = { "Last-Event-ID": "41" };
    using resumed = await read(at("reconnection/events/updates"), { headers });
    expect(await resumed.take(1)).toEqual([{ id: "41", data: '{"count":41}' }]);
  });

  test("guards: without a token it is a 401; with one, the user's own notifications", async () => {
    expect((await fetch(at("guards/private/notifications"))).status).toBe(401);
    await post(at("guards/notifications/eve"), { title: "Mine" });
    const headers = { Authorization: "Bearer eve" };
    using stream = await read(at("guards/private/notifications"), { headers });
    const [event] = await stream.take(1);
    expect(event?.event).toBe("notification");
    expect(parsed(event?.data)).toMatchObject({ title: "Mine" });
  });

  test("protocol details: the frames are those that are printed", async () => {
    const stream = await read(at("protocol-details/events/frames"));
    await stream.take(3);
    expect(stream.raw).toContain(`\
event: greeting
id: 1
data: {"message":"Hello"}

event: update
id: 2
retry: 3000
data: {"count":42}

: This is a comment
data: Simple message without event type

`);
  });
});
