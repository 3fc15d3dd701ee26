import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PageOfEntries } from "@sluice/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runFixture } from "../test/child.js";
import { LmdbBroker } from "./index.js";

let path: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "sluice-lmdb-"));
});

afterEach(() => rmSync(path, { recursive: true, force: true }));

interface Acknowledged {
  readonly channel: string;
  readonly id: string;
  readonly text: string;
}

const countOf = (id: string): number => Number(id.split(".")[2]);

function readAll(broker: LmdbBroker, channel: string): { id: string; text: string }[] {
  const { position, stop } = broker.follow(channel, { deliver() {}, reached() {} });
  stop();
  const start = broker.rewind(channel, Number.POSITIVE_INFINITY, position);
  const page = broker.read(channel, start, undefined, Number.POSITIVE_INFINITY);
  return (page as PageOfEntries).entries.map(({ id, text }) => ({ id, text }));
}

test.each([
  [false, 5, 4_000],
  [true, 3, 1_500],
])(
  "kill -9 amid publishing loses nothing that was acknowledged, round after round (sync: %s)",
  async (sync, rounds, events) => {
    const acknowledged: Acknowledged[] = [];
    for (let round = 0; round < rounds; round++) {
      const { process: child, lines } = runFixture("publisher", [path, String(sync)]);
      let seen = 0;
      lines.on("line", (line) => {
        // The last line may be cut off.
        if (line.endsWith("}")) acknowledged.push(JSON.parse(line) as Acknowledged);
        if (++seen === events + round * 97) child.kill("SIGKILL");
      });
      await once(child, "close");
      expect(child.signalCode).toBe("SIGKILL");
    }

    const broker = new LmdbBroker({ path, sync });
    try {
      expect(acknowledged.length).toBeGreaterThan(rounds * events);
      for (const channel of new Set(acknowledged.map((each) => each.channel))) {
        const stored = readAll(broker, channel);
        expect(stored.map(({ id }) => countOf(id))).toEqual(stored.map((_, index) => index + 1));
        const byId = new Map(stored.map(({ id, text }) => [id, text]));
        const mine = acknowledged.filter((each) => each.channel === channel);
        expect(mine.filter(({ id, text }) => byId.get(id) !== text)).toEqual([]);
        expect(new Set(mine.map(({ id }) => id)).size).toBe(mine.length);
        // What was stored and not acknowledged is what each of the four lanes was about to hear.
        expect(stored.length - mine.length).toBeLessThanOrEqual(rounds * 5);
      }
    } finally {
      await broker.close();
    }
  },
  60_000,
);

test("a second process is refused, also when several begin at once, and one comes in after a kill", async () => {
  const children = Array.from({ length: 4 }, () => runFixture("holder", [path]));
  const said = await Promise.all(
    children.map(async ({ lines }) => String((await once(lines, "line"))[0])),
  );
  expect(said.filter((line) => line !== "open")).toEqual(Array(3).fill("ERR_IN_USE"));
  const owner = children[said.indexOf("open")]!.process;
  expect(() => new LmdbBroker({ path })).toThrow(
    expect.objectContaining({
      code: "ERR_IN_USE",
      message: expect.stringContaining(String(owner.pid)),
    }),
  );
  owner.kill("SIGKILL");
  await once(owner, "close");
  const broker = new LmdbBroker({ path });
  const refused = runFixture("holder", [path]);
  expect(await once(refused.lines, "line")).toEqual(["ERR_IN_USE"]);
  await broker.close();
  const next = runFixture("holder", [path]);
  expect(await once(next.lines, "line")).toEqual(["open"]);
  next.process.stdin?.end();
  await once(next.process, "close");
  expect(next.process.exitCode).toBe(0);
});

test.each([false, true])(
  "a commit that fails is refused as a whole and told to nobody, and the next ones go on (sync: %s)",
  async (sync) => {
    // A real failure of a write: files may not grow beyond 2 MiB in that process.
    const { lines } = runFixture(
      "small-disk",
      [path, String(sync)],
      'ulimit -f 4096; exec "$0" "$@"',
    );
    const [line] = (await once(lines, "line")) as [string];
    const { stored, refused, told, readAfterRefusal, after } = JSON.parse(line) as {
      stored: string[];
      refused: string[];
      told: string[];
      readAfterRefusal: string[];
      after: string;
    };
    expect(stored.length).toBeGreaterThan(8);
    expect(refused).toEqual(Array.from({ length: 4 }, () => "ERR_NOT_STORED"));
    expect(readAfterRefusal).toEqual(stored);
    expect(told).toEqual([...stored, after]);
    expect(countOf(after)).toBe(stored.length + 1);

    const broker = new LmdbBroker({ path });
    expect(readAll(broker, "a").map(({ id }) => id)).toEqual([stored.at(-1), after]);
    await broker.close();
  },
);
