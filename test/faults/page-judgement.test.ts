import { expect, it } from "vitest";
import { judge } from "./page-judgement.js";

/** Written as `life.seq`; the id is the same, if no other one is given behind `=`. */
function events(...written: readonly string[]) {
  return written.map((text) => {
    const [name = "", id = name] = text.split("=");
    const [life, seq] = name.split(".").map(Number);
    return { life: life!, seq: seq!, id, at: 0 };
  });
}

const acknowledged = events("0.0", "0.1", "2.0", "2.1");
const FAULTLESS = { lost: 0, doubled: 0, disordered: 0, strange: 0, unacknowledged: 0 };

it("H6: a page that has each acknowledged event once and in order is faultless", () => {
  expect(judge([acknowledged], acknowledged, 2)).toEqual([FAULTLESS]);
});

it.each([
  ["a hole", events("0.0", "2.0", "2.1"), { lost: 1 }],
  ["nothing", [], { lost: 4 }],
  ["an event again", events("0.0", "0.1", "0.1", "2.0", "2.1"), { doubled: 1 }],
  ["a swap within a life", events("0.1", "0.0", "2.0", "2.1"), { disordered: 1 }],
  ["a swap over lives", events("0.0", "2.0", "0.1", "2.1"), { disordered: 1 }],
  ["another id", events("0.0", "0.1=7", "2.0", "2.1"), { strange: 1 }],
  [
    "more of the life that was not killed",
    events("0.0", "0.1", "2.0", "2.1", "2.2"),
    { strange: 1 },
  ],
  [
    "two more of a life",
    events("0.0", "0.1", "0.2", "0.3", "2.0", "2.1"),
    { strange: 1, unacknowledged: 1 },
  ],
  ["more after a hole", events("0.0", "0.1", "0.3", "2.0", "2.1"), { strange: 1 }],
] as const)("H6: a page that has seen %s is found out", (_, seen, faults) => {
  expect(judge([seen], acknowledged, 2)).toEqual([{ ...FAULTLESS, ...faults }]);
});

it("H6: one event that each killed life told nobody of may be there, for all pages or for none", () => {
  const more = events("0.0", "0.1", "0.2", "1.0", "2.0", "2.1");
  expect(judge([more, more], acknowledged, 2)).toEqual([
    { ...FAULTLESS, unacknowledged: 2 },
    { ...FAULTLESS, unacknowledged: 2 },
  ]);
  expect(judge([more, acknowledged], acknowledged, 2)).toEqual([
    { ...FAULTLESS, unacknowledged: 2 },
    { ...FAULTLESS, strange: 2 },
  ]);
});
