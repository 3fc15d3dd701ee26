import { HttpError } from "@sluice/core";
import { expect, it, vi } from "vitest";
import { wordsOf } from "../../core/test/part.js";
import { serveWords } from "../test/runs.js";

it("starts a run once for a key, however many come at once, and tells all of them everything", async () => {
  const stage = await serveWords();
  const coming = Array.from({ length: 20 }, () => stage.post("a"));
  const part = await stage.part();
  part.say("one", "two");
  const clients = await Promise.all(coming);
  part.say("three");
  part.end();
  for (const client of clients)
    expect(wordsOf(await client.rest())).toEqual(["one", "two", "three", "<end done>"]);
  expect(stage.parts).toHaveLength(1);
  expect(part.finals).toBe(1);
});

it("joins from the start, or after the last id, while it runs and while it is kept", async () => {
  const stage = await serveWords();
  const first = await stage.post("a");
  const part = await stage.part();
  part.say("one", "two", "three");
  const [, two] = await first.take(3);
  const second = await stage.get("a");
  const third = await stage.post("a", { lastEventId: two!.id! });
  expect(wordsOf(await second.take(3))).toEqual(["one", "two", "three"]);
  expect(wordsOf(await third.take(1))).toEqual(["three"]);
  part.end();
  for (const client of [first, second, third])
    expect(wordsOf(await client.rest())).toEqual(["<end done>"]);
  expect(wordsOf(await (await stage.get("a")).rest())).toEqual([
    "one",
    "two",
    "three",
    "<end done>",
  ]);
  const late = await stage.post("a", { lastEventId: two!.id! });
  expect(wordsOf(await late.rest())).toEqual(["three", "<end done>"]);
  expect(stage.parts).toHaveLength(1);
});

it("answers the failure before the first event as an HTTP error, to all who wait, and frees the key", async () => {
  const stage = await serveWords({ sse: { openWithin: "3s" } });
  const coming = [stage.post("a"), stage.post("a")];
  (await stage.part()).fail(new HttpError(402, "No credit."));
  for (const client of await Promise.all(coming)) {
    expect(client.status).toBe(402);
    expect(JSON.parse(await client.text())).toMatchObject({ message: "No credit." });
  }
  expect((await stage.get("a")).status).toBe(404);
  const next = stage.post("a");
  const part = await stage.part(2);
  part.say("one");
  part.end();
  expect(wordsOf(await (await next).rest())).toEqual(["one", "<end done>"]);
});

it("tells all that a run has failed, and who comes later too", async () => {
  const stage = await serveWords();
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one");
  part.fail(new Error("secret"));
  clients.push(await stage.post("a"));
  for (const client of clients) {
    expect(wordsOf(await client.rest())).toEqual(["one", "<end failed>"]);
    expect(client.raw).not.toContain("secret");
  }
  await vi.waitFor(() => expect(stage.runs.list()).toMatchObject([{ key: "a", state: "failed" }]));
});

it("starts anew what has failed, where it says so, and resets who had the old one", async () => {
  const stage = await serveWords({ run: { restart: "on-error" } });
  const client = await stage.post("a");
  const old = await stage.part();
  old.say("one", "two");
  await client.take(2);
  old.fail(new Error("broken"));
  expect(wordsOf(await client.rest())).toEqual([]);
  const coming = client.reconnect();
  const part = await stage.part(2);
  part.say("uno");
  await coming;
  part.end();
  expect(wordsOf(await client.rest())).toEqual(["<reset unknown>", "uno", "<end done>"]);
});
