import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, it, onTestFinished } from "vitest";
import { serveWords } from "../test/runs.js";

/** Gathers what is published about runs until the test is over. */
function watch(): { readonly name: string; readonly [key: string]: unknown }[] {
  const seen: { readonly name: string }[] = [];
  for (const name of ["started", "ended"]) {
    const listener = (message: unknown): void => void seen.push({ name, ...(message as object) });
    subscribe(`sluice:run:${name}`, listener);
    onTestFinished(() => void unsubscribe(`sluice:run:${name}`, listener));
  }
  return seen;
}

it("Q5: the start and the end of a run are told once, with what it has published", async () => {
  const seen = watch();
  const stage = await serveWords();
  const clients = [await stage.post("a"), await stage.get("a")];
  const part = await stage.part();
  part.say("one", "two");
  part.end();
  for (const client of clients) await client.rest();
  const named = { id: seen[0]!["id"], route: "WordsController.words", key: "a" };
  expect(named.id).toEqual(expect.any(String));
  const bytes = 2 * 'event: word\ndata: {"text":"one"}\n\n'.length;
  const duration = expect.any(Number) as number;
  expect(seen).toEqual([
    { name: "started", ...named },
    { name: "ended", ...named, state: "done", duration, events: 2, bytes },
  ]);
});

it("Q5: each attempt of a key is told apart, with the state in which it ended", async () => {
  const seen = watch();
  const stage = await serveWords({ run: { restart: "on-error" } });
  await stage.post("a");
  const part = await stage.part();
  part.say("one");
  part.fail();
  await stage.runs.get("a");
  const again = await stage.post("a");
  await stage.runs.cancel("a");
  await again.rest();
  expect(seen.map(({ name, state }) => [name, state])).toEqual([
    ["started", undefined],
    ["ended", "failed"],
    ["started", undefined],
    ["ended", "cancelled"],
  ]);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(2);
});
