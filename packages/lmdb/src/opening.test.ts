import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { open, path, PLENTY, publish, start, textsAfter } from "../test/history.js";
import { LmdbBroker, type LmdbBrokerOptions, LmdbError } from "./index.js";

test("the folder is made, and holds what the README says", async () => {
  const folder = join(path, "data", "history");
  const broker = open({ path: folder });
  await publish(broker, "one");
  expect(readdirSync(folder).toSorted()).toEqual([
    "history.mdb",
    "history.mdb-lock",
    "owner.mdb",
    "owner.mdb-lock",
    "unflushed",
  ]);
  await broker.close();
  expect(readdirSync(folder)).not.toContain("unflushed");
});

test("a second broker on the path is refused until the first is closed", async () => {
  const first = open();
  const id = await publish(first, "one");
  expect(() => new LmdbBroker({ path })).toThrow(
    expect.objectContaining({ code: "ERR_IN_USE", message: expect.stringContaining(path) }),
  );
  const next = await publish(first, "two");
  expect(textsAfter(first, id)).toEqual(["two"]);
  await first.close();
  const second = open();
  expect(textsAfter(second, start(second, next))).toEqual(["one", "two"]);
});

test("a path that is no folder is refused with its name", () => {
  expect(() => new LmdbBroker({ path: "/dev/null/history" })).toThrow(LmdbError);
  expect(() => new LmdbBroker({ path: "/dev/null/history" })).toThrow(
    expect.objectContaining({ code: "ERR_OPEN", message: expect.stringContaining("/dev/null") }),
  );
});

test.each([
  [undefined, "ERR_OPTION"],
  [{}, "ERR_OPTION"],
  [{ path: "" }, "ERR_OPTION"],
  [{ path: "x", sinc: true }, "ERR_OPTION"],
  [{ path: "x", sync: 1 }, "ERR_OPTION"],
  [{ path: "x", forgetAfter: "soon" }, "ERR_DURATION"],
])("the options %o are refused", (options, code) => {
  expect(() => new LmdbBroker(options as LmdbBrokerOptions)).toThrow(
    expect.objectContaining({ name: "SluiceError", code }),
  );
});

test("a name that can't be a key is refused", async () => {
  const broker = open();
  await expect(publish(broker, "one", PLENTY, "x".repeat(2_000))).rejects.toMatchObject({
    code: "ERR_CHANNEL",
  });
  expect(await publish(broker, "one", PLENTY, "😀".repeat(256))).toMatch(/^1\./);
});
