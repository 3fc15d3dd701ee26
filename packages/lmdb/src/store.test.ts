import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open as openDatabase } from "lmdb";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { runFixture } from "../test/child.js";
import { LmdbError } from "./errors.js";
import { FORMAT_KEY } from "./keys.js";
import { isSameBoot } from "./power-cut.js";
import { Store } from "./store.js";

const KEY = Buffer.from("key");

let path: string;
let file: string;
let mark: string;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "sluice-lmdb-"));
  file = join(path, "history.mdb");
  mark = join(path, "unflushed");
});

afterEach(() => rmSync(path, { recursive: true, force: true }));

async function storeSomething(sync: boolean): Promise<void> {
  const store = new Store({ path, sync });
  await store.commit([{ key: KEY, value: Buffer.from("value") }]);
  await store.close();
}

async function hasSomething(sync = false): Promise<boolean> {
  const store = new Store({ path, sync });
  const value = store.peek(KEY)?.toString();
  await store.close();
  return value === "value";
}

function watchWarnings(): unknown[] {
  const warnings: unknown[] = [];
  const emit = vi.spyOn(process, "emitWarning").mockImplementation((...args) => {
    warnings.push(args);
  });
  onTestFinished(() => emit.mockRestore());
  return warnings;
}

test("another format is refused, and left as it is", async () => {
  await storeSomething(false);
  const db = openDatabase({ path: file, keyEncoding: "binary", encoding: "binary" });
  await db.put(FORMAT_KEY, Buffer.from("2"));
  await db.close();
  for (const sync of [false, true]) {
    expect(() => new Store({ path, sync })).toThrow(
      expect.objectContaining({ code: "ERR_FORMAT", message: expect.stringContaining("format 2") }),
    );
  }
  expect(existsSync(mark)).toBe(false);
});

test("a file that is no history is refused, and left as it is", async () => {
  writeFileSync(file, "x".repeat(100_000));
  expect(() => new Store({ path, sync: false })).toThrow(LmdbError);
  expect(() => new Store({ path, sync: false })).toThrow(
    expect.objectContaining({ code: "ERR_OPEN" }),
  );
  expect(statSync(file).size).toBe(100_000);
});

test("a history that was not flushed when the system went down begins anew, and says so", async () => {
  await storeSomething(false);
  writeFileSync(mark, "00000000-0000-0000-0000-000000000000");
  writeFileSync(file, "half of it is on the disk");
  const warnings = watchWarnings();
  expect(await hasSomething()).toBe(false);
  expect(warnings).toEqual([
    [expect.stringContaining(path), { type: "SluiceWarning", code: "SLUICE_HISTORY_LOST" }],
  ]);
  await storeSomething(false);
  expect(await hasSomething()).toBe(true);
  expect(warnings).toHaveLength(1);
});

test("a history is marked while it is open and not flushed by each commit, and only then", async () => {
  const unflushed = new Store({ path, sync: false });
  await unflushed.commit([{ key: KEY, value: Buffer.from("value") }]);
  expect(existsSync(mark)).toBe(true);
  await unflushed.close();
  expect(existsSync(mark)).toBe(false);
  const flushed = new Store({ path, sync: true });
  expect(existsSync(mark)).toBe(false);
  await flushed.close();
  expect(await hasSomething(true)).toBe(true);
});

test("a history that a killed process left unflushed is kept, and flushed where sync is asked for", async () => {
  await storeSomething(false);
  const { process: child, lines } = runFixture("holder", [path]);
  await once(lines, "line");
  child.kill("SIGKILL");
  await once(child, "close");
  expect(existsSync(mark)).toBe(true);
  expect(await hasSomething(true)).toBe(true);
  expect(existsSync(mark)).toBe(false);
});

test("two looks at the same start of the system agree, also by a clock that moves a little", () => {
  expect(isSameBoot("f5c4-1", "f5c4-1")).toBe(true);
  expect(isSameBoot("f5c4-1", "f5c4-2")).toBe(false);
  expect(isSameBoot("1700000000", "1700000003")).toBe(true);
  expect(isSameBoot("1700000000", "1700000060")).toBe(false);
});
