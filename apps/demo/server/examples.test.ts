import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { post, read } from "../test/read-stream.js";
import { type Demo, startDemo } from "../test/start-demo.js";

let demo: Demo;
const at = (path: string) => demo.url + path;

beforeAll(async () => {
  demo = await startDemo();
});
afterAll(async () => {
  await demo.stop();
});

/** What a channel gives its events. */
const ID = expect.stringMatching(/^1\.[\w-]{8}\.\d+$/) as string;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe.concurrent("generators and streams", () => {
  test("the countdown's events arrive one by one, a second apart, with their ids", async () => {
    using stream = await read(at("/events/countdown"));
    await stream.take(1);
    expect(stream.raw).toBe('event: countdown\nid: 1\ndata: {"count":10}\n\n');
    const first = performance.now();
    const [second] = await stream.take(1);
    expect(second).toEqual({ event: "countdown", id: "2", data: '{"count":9}' });
    expect(performance.now() - first).toBeGreaterThan(800);
  });

  test("a stream has the four headers that proxies and browsers need", async () => {
    using stream = await read(at("/events/countdown"));
    const { headers } = stream.response;
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("cache-control")).toBe("no-cache, no-transform");
    expect(headers.get("connection")).toBe("keep-alive");
    expect(headers.get("x-accel-buffering")).toBe("no");
  });

  test("the time comes at once and then each second", async () => {
    using stream = await read(at("/events/time"));
    const events = await stream.take(2);
    for (const { event, data } of events) {
      expect(event).toBe("time");
      expect(JSON.parse(data)).toEqual({ time: expect.stringMatching(ISO) });
    }
  });

  test("every field and every kind of data is on the wire as promised", async () => {
    const stream = await read(at("/events/fields"));
    await stream.rest();
    expect(stream.raw).toBe(`\
: A browser never sees this line.
event: notification
id: msg-123
retry: 3000
data: {"title":"New message","body":"You have a new message"}

data: 0

data: false

data: null

data: ${""}

data: first line
data: second line
data: third line

data: ["plain","data"]

id: msg-124

retry: 5000
event: sluice.end
id: msg-124#end
data: {"outcome":"done"}

`);
  });

  test("the metrics carry processor time, memory, uptime and lag", async () => {
    using stream = await read(at("/events/metrics"));
    const [reading] = await stream.take(1);
    expect(reading?.event).toBeUndefined();
    const number = expect.any(Number) as number;
    expect(JSON.parse(reading!.data)).toEqual({
      cpu: number,
      memory: { rss: number, heapUsed: number },
      uptime: number,
      lag: number,
    });
  });

  test("a comment sent by hand and one after two seconds of silence make no event", async () => {
    using stream = await read(at("/events/heartbeat"));
    await stream.until("data: Quiet from here on.\n\n: sent by hand\n:");
    expect(await stream.take(1)).toEqual([{ data: "Quiet from here on." }]);
  });

  test("a POST answers its body word by word", async () => {
    const stream = await read(at("/answers"), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ prompt: "Why?" }),
    });
    const words = (await stream.take(3)).map(({ data }) => JSON.parse(data) as unknown);
    expect(words).toEqual([{ word: "You" }, { word: "asked:" }, { word: "Why?" }]);
    stream.close();
  });

  test("twelve clients of one route each get their own countdown", async () => {
    const streams = await Promise.all(
      Array.from({ length: 12 }, async () => read(at("/events/countdown"))),
    );
    const firsts = await Promise.all(streams.map(async (stream) => stream.take(1)));
    expect(firsts.map(([event]) => event?.id)).toEqual(Array.from({ length: 12 }, () => "1"));
    for (const stream of streams) stream.close();
  });
});

describe.concurrent("ending and resuming", () => {
  test("a stream that resumes goes on behind the last id", async () => {
    using fresh = await read(at("/events/updates"));
    await fresh.take(1);
    expect(fresh.raw).toBe('retry: 1000\nid: 0\ndata: {"count":0}\n\n');
    using resumed = await read(at("/events/updates"), { headers: { "Last-Event-ID": "8" } });
    expect(await resumed.take(2)).toEqual([
      { id: "9", data: '{"count":9}' },
      { event: "notification", data: '{"title":"10 updates"}' },
    ]);
  });

  test("a returned generator says that it is done, and who comes back is answered 204", async () => {
    const stream = await read(at("/events/finite"));
    const events = await stream.rest();
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ["passed", "1"],
      ["passed", "2"],
      ["passed", "3"],
      ["sluice.end", "3#end"],
    ]);
    const again = await fetch(at("/events/finite"), { headers: { "Last-Event-ID": "3#end" } });
    expect(again.status).toBe(204);
  });

  test("a stream may ask to be visited again instead", async () => {
    const stream = await read(at("/events/retry"));
    const events = await stream.rest();
    expect(stream.raw).toMatch(/^retry: 2000\nevent: visit\ndata: .*\n\n$/);
    expect(events.map(({ event }) => event)).toEqual(["visit"]);
  });
});

describe.concurrent("publishing", () => {
  test("a broadcast reaches everyone and says how many that are", async () => {
    const streams = await Promise.all([1, 2, 3].map(async () => read(at("/stream"))));
    const answer = await post(at("/broadcast"), { message: "Hello" });
    expect(await answer.json()).toEqual({ sent: 3 });
    for (const stream of streams) {
      // oxlint-disable-next-line no-await-in-loop -- each of them
      expect(await stream.take(1)).toEqual([
        { event: "notification", id: ID, data: '{"message":"Hello"}' },
      ]);
      stream.close();
    }
  });

  test("who comes back gets what was sent meanwhile", async () => {
    const path = "/notifications/stream?userId=mary";
    const left = await read(at(path));
    await left.until("sluice.position");
    const position = /^id: (.*)$/m.exec(left.raw)![1]!;
    left.close();
    await post(at("/notifications/mary"), { title: "Meanwhile" });
    using back = await read(at(path), { headers: { "Last-Event-ID": position } });
    expect((await back.take(1))[0]?.data).toBe('{"title":"Meanwhile"}');
  });

  test("a notification reaches its user alone", async () => {
    using ada = await read(at("/notifications/stream?userId=ada"));
    using grace = await read(at("/notifications/stream?userId=grace"));
    expect(await (await post(at("/notifications/ada"), { title: "1" })).json()).toEqual({
      reached: 1,
    });
    await post(at("/notifications/grace"), { title: "2" });
    expect((await ada.take(1))[0]?.data).toBe('{"title":"1"}');
    expect((await grace.take(1))[0]?.data).toBe('{"title":"2"}');
    expect(grace.raw).not.toContain('"1"');
  });

  test.each([
    ["/notifications/ada", { body: "no title" }, "title"],
    ["/broadcast", { message: 7 }, "message"],
    ["/activity", { userId: "ada" }, "activity"],
    ["/api/send", { event: "sluice.end", data: 1 }, "event"],
  ])("%s refuses %o and names the field", async (path, body, field) => {
    const answer = await post(at(path), body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { message: string }).message).toContain(field);
  });

  test("a stream of nobody's notifications is refused", async () => {
    expect((await fetch(at("/notifications/stream"))).status).toBe(400);
  });

  test("two controllers share the emitter, whose listeners leave with their connections", async () => {
    const report = async () => {
      const answer = await post(at("/activity"), { userId: "ada", activity: "login" });
      return ((await answer.json()) as { listeners: number }).listeners;
    };
    const stream = await read(at("/activity/stream"));
    // The streams of other tests may be about to leave.
    await expect.poll(report, { timeout: 10_000 }).toBe(1);
    const [event] = await stream.take(1);
    expect(event).toMatchObject({
      event: "activity",
      id: expect.stringMatching(/^\d+$/) as string,
    });
    expect(JSON.parse(event!.data)).toMatchObject({ userId: "ada", activity: "login" });
    stream.close();
    await expect.poll(report, { timeout: 10_000 }).toBe(0);
  });

  test("a job is started, followed by its id, and done", async () => {
    const { jobId } = (await (await post(at("/jobs"), {})).json()) as { jobId: string };
    const stream = await read(at(`/jobs/progress/${jobId}`));
    const events = await stream.rest();
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["start", "progress", "complete", "sluice.end"]),
    );
    expect(events.at(0)).toMatchObject({ event: "start" });
    expect(events.at(-3)).toMatchObject({ event: "progress", id: `${jobId}-100` });
    expect(events.at(-2)?.data).toBe(`{"jobId":"${jobId}","progress":100,"status":"completed"}`);
  });

  test("a job that nobody started is a 404 before the stream opens", async () => {
    const answer = await fetch(at("/jobs/progress/none"));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ message: 'There is no job "none".' });
  });
});

describe.concurrent("guards", () => {
  test("without a token that is known, the answer is 401 and says what to send", async () => {
    const answer = await fetch(at("/events/stream"));
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(answer.headers.get("content-type")).toContain("application/json");
  });

  test("a user who is no member is refused with 403", async () => {
    const headers = { Authorization: "Bearer guest" };
    expect((await fetch(at("/events/stream"), { headers })).status).toBe(403);
  });

  test("a member gets in by the header, and by the query as an EventSource has to", async () => {
    using byHeader = await read(at("/events/stream"), {
      headers: { Authorization: "Bearer token" },
    });
    using byQuery = await read(at("/events/stream?access_token=token"));
    for (const stream of [byHeader, byQuery]) {
      // oxlint-disable-next-line no-await-in-loop -- each of them
      expect(await stream.take(1)).toEqual([{ event: "secret", data: '{"to":"Ada","n":1}' }]);
    }
  });
});

describe.concurrent("errors", () => {
  test("a caught error is an event, and the stream ends in good order", async () => {
    const events = await (await read(at("/errors/caught"))).rest();
    expect(events.slice(-3)).toMatchObject([
      { event: "failure", data: '{"error":"The gauge at weir 7 does not answer."}' },
      { event: "end", data: '{"status":"ended"}' },
      { event: "sluice.end", data: '{"outcome":"done"}' },
    ]);
  });

  test("an error before the first event is an HTTP status", async () => {
    const answer = await fetch(at("/errors/before"));
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ message: "The gauge is being repaired." });
  });

  test("an error later ends the connection without a mark, and nothing of it leaks", async () => {
    const stream = await read(at("/errors/later"));
    const events = await stream.rest().catch(() => []);
    expect(stream.raw).toMatch(/^retry: 2000\n/);
    expect(stream.raw).not.toContain("gauge");
    expect(events.map(({ event }) => event)).not.toContain("sluice.end");
    expect((await fetch(at("/errors/before"))).status).toBe(409);
  });

  test("a 4xx later is final", async () => {
    const events = await (await read(at("/errors/final"))).rest();
    expect(events.at(-1)).toMatchObject({ event: "sluice.end", data: '{"outcome":"failed"}' });
  });
});
