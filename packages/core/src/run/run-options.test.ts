import { expect, it } from "vitest";
import { Channels } from "../channel/channels.js";
import { MemoryRunStore } from "./memory-run-store.js";
import { readRunOptions } from "./run-options.js";
import { Runs } from "./runs.js";

it("takes what `runs` can be, and says of anything else what it must be", () => {
  const make = (options: object) => new Runs(new Channels(), options);
  const store = new MemoryRunStore();
  expect(() => make({ maxRuns: 1, maxPerPrincipal: 1, lease: "1s", store })).not.toThrow();
  for (const [options, message, code = "ERR_OPTION"] of [
    ["15s", 'runs must be an object of options, not "15s".'],
    [
      { leases: 1 },
      'runs knows no option "leases". It takes maxRuns, maxPerPrincipal, lease, store.',
    ],
    [{ maxRuns: 0 }, "runs: maxRuns must be a whole number above 0, not 0."],
    [{ maxPerPrincipal: "1" }, 'runs: maxPerPrincipal must be a whole number above 0, not "1".'],
    [{ lease: 999 }, "runs: lease must be a second or longer, not 999."],
    [{ lease: "1 s" }, undefined, "ERR_DURATION"],
    [{ store: { find: () => undefined } }, undefined],
    [{ store: 7 }, undefined],
  ] as const) {
    const expected = message === undefined ? { code } : { code, message };
    expect(() => make(options as object)).toThrow(expect.objectContaining(expected));
  }
});

it("takes `maxAttempts` where a run may restart only", () => {
  const read = (options: object) => readRunOptions("test", { key: () => "a", ...options });
  expect(read({}).maxAttempts).toBe(1);
  expect(read({ restart: "on-error" }).maxAttempts).toBe(5);
  expect(read({ restart: "on-error", maxAttempts: 7 }).maxAttempts).toBe(7);
  for (const options of [{ maxAttempts: 2 }, { restart: "on-error", maxAttempts: 0 }])
    expect(() => read(options)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
});
