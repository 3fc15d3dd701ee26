import "reflect-metadata";
import { Controller, Sse, Post } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it, vi } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";
import { redactUrl } from "./redaction.js";

@Controller("logged")
class LoggedController {
  @Sse()
  *logged() {
    yield { event: "tick", data: 1 };
    yield { data: "ä" };
  }

  @Post()
  call() {
    return null;
  }
}

it("Q5: one line tells how a stream went", async () => {
  const { logger, entries } = keepLog();
  const app = await serve(LoggedController, {}, makeApp({ logger }));
  const client = await testSse(app, "/logged");
  await client.rest();
  await vi.waitFor(() =>
    expect(entries.some(({ msg }) => msg === "event stream closed")).toBe(true),
  );
  const closed = entries.filter(({ msg }) => msg === "event stream closed");
  expect(closed).toEqual([
    expect.objectContaining({
      level: 30,
      reqId: "req-1",
      route: "LoggedController.logged",
      reason: "complete",
      events: 2,
      bytes: expect.any(Number) as number,
      duration: expect.any(Number) as number,
    }),
  ]);
});

it("Q5: `logStreams: false` leaves it out", async () => {
  const { logger, entries } = keepLog();
  const app = await serve(LoggedController, { logStreams: false }, makeApp({ logger }));
  await (await testSse(app, "/logged")).rest();
  await vi.waitFor(() => expect(entries.some(({ msg }) => msg === "request completed")).toBe(true));
  expect(entries.map(({ msg }) => msg)).not.toContain("event stream closed");
});

it("security 17: a token in the query string is in no line of the log", async () => {
  const { logger, entries } = keepLog();
  const app = await serve(
    LoggedController,
    { redactQuery: ["token", "Pass Word"] },
    makeApp({ logger }),
  );
  await (
    await testSse(app, "/logged?token=s3cret&room=tea&pass%20word=s3cret&TOKEN=s3cret")
  ).rest();
  await app.inject({ method: "POST", url: "/logged?token=s3cret" });
  await vi.waitFor(() => expect(entries.length).toBeGreaterThan(4));
  expect(JSON.stringify(entries)).not.toContain("s3cret");
  expect(JSON.stringify(entries)).toContain("/logged?token=[redacted]&room=tea");
});

it("security 17: the application's own serializer keeps its form", async () => {
  const { logger, entries } = keepLog();
  const serializers = { req: ({ url }: { url: string }) => ({ url, own: true }) };
  const app = makeApp({ logger: { ...logger, serializers } });
  await serve(LoggedController, {}, app);
  await (await testSse(app, "/logged?access_token=s3cret")).rest();
  const incoming = entries.find(({ msg }) => msg === "incoming request");
  expect(incoming).toMatchObject({ req: { url: "/logged?access_token=[redacted]", own: true } });
});

it.each([
  ["/a", "/a"],
  ["/a?", "/a?"],
  ["/a?b=1&token=x=y", "/a?b=1&token=[redacted]"],
  ["/a?token", "/a?token=[redacted]"],
  ["/a?%74oken=x", "/a?%74oken=[redacted]"],
  ["/a?%=1&token=x", "/a?%=1&token=[redacted]"],
  ["/a#token=x", "/a#token=[redacted]"],
  ["/a;token=x&b=1", "/a;token=[redacted]&b=1"],
  ["/a;b=1?token=x;y#z", "/a;b=1?token=[redacted]"],
  ["/a#b?token=x", "/a#b?token=[redacted]"],
])("security 17: %s is logged as %s", (url, shown) => {
  expect(redactUrl(url, new Set(["token"]))).toBe(shown);
});
