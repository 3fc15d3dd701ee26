import { expect, it } from "vitest";
import { findStrace } from "./strace.js";

it("says what to do where strace is missing", async () => {
  const missing = { impossible: expect.stringContaining("install it") as string };
  expect(await findStrace({ STRACE_PATH: "/nowhere/strace" })).toEqual(missing);
  expect(await findStrace({ SLUICE_NO_STRACE: "1" })).toEqual(missing);
});

it("says what a strace says that may not trace", async () => {
  // Any program that fails and says why.
  const found = await findStrace({ STRACE_PATH: process.execPath });
  expect(found).toEqual({ impossible: expect.stringContaining("bad option") as string });
});
