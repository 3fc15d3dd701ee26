import { format } from "../format.js";
import { judge, type Judgement, type Verdict } from "../results/judge.js";
import type { Results } from "../results/results.js";
import { subject } from "../subjects.js";
import { type Target, targets } from "../targets.js";
import { workloads } from "../workloads/workloads.js";
import { table } from "./table.js";

/** How the report says a verdict. */
const WORDS: Readonly<Record<Verdict, string>> = {
  pass: "pass",
  "not shown": "_not shown_",
  fails: "**fails**",
  "not measured": "not measured",
};

/** The targets with what was measured, and in a sentence how many are met. */
export function targetsSection({ measurements }: Results): string {
  const judgements = targets.map((target) => judge(target, measurements));
  const rows = judgements.map((judgement) => {
    const { target, rounds, verdict } = judgement;
    return [
      `\`${target.workload}\``,
      what(target),
      bound(target),
      measured(judgement),
      String(rounds),
      WORDS[verdict],
    ];
  });
  return [
    "## Targets",
    `${counted(judgements)} Speed is the inverse of CPU time. In brackets is the 95 % interval of the median: a target passes where all of it keeps the bound, fails where none of it does, and is not shown where the bound lies within, or there were fewer than three rounds.`,
    table(["workload", "what", "bound", "measured", "rounds", "verdict"], rows, "lllrrl"),
  ].join("\n\n");
}

/** "Of 41 targets 39 pass, 1 is not shown, 1 fails." */
export function counted(judgements: readonly Judgement[]): string {
  const count = (wanted: Verdict): number =>
    judgements.filter(({ verdict }) => verdict === wanted).length;
  const passing = count("pass");
  const parts = [
    `${passing} ${passing === 1 ? "passes" : "pass"}`,
    ...(["not shown", "not measured"] as const).flatMap((verdict) => {
      const number = count(verdict);
      return number === 0 ? [] : [`${number} ${number === 1 ? "is" : "are"} ${verdict}`];
    }),
    ...(count("fails") > 0 ? [`${count("fails")} ${count("fails") === 1 ? "fails" : "fail"}`] : []),
  ];
  return `Of ${judgements.length} targets ${parts.join(", ")}.`;
}

function what(target: Target): string {
  const name = columnName(target);
  if (!("other" in target)) return name;
  const { label, kind } = subject(target.other);
  return `${target.kind === "speed" ? "speed" : name} against ${kind === "bound" ? "the " : ""}${label}`;
}

function columnName({ workload, column }: Target): string {
  const columns = workloads.find(({ id }) => id === workload)?.columns ?? [];
  return columns.find(({ key }) => key === column)?.title.replace(/, \w+$/, "") ?? column;
}

function bound(target: Target): string {
  switch (target.kind) {
    case "speed":
      return `at least ${target.bound}×`;
    case "cost":
      return `at most ${target.bound}×`;
    case "most":
      return `at most ${target.bound} ${target.unit}`;
    case "never":
      return `${target.bound === 0 ? "no" : `never above ${target.bound}`} ${target.unit}`;
  }
}

function measured({ target, measured }: Judgement): string {
  if (measured === undefined) return "";
  const { median, low, high } = measured;
  if (target.kind === "never") return `at most ${format(median)}`;
  const times = "other" in target ? "×" : "";
  return `${format(median)}${times} (${format(low)} to ${format(high)})`;
}
