import { format } from "../format.js";
import type { Results } from "../results/results.js";
import { failureLines, summarise } from "../results/summary.js";
import { subjects } from "../subjects.js";
import { fan1000 } from "../workloads/fans.js";
import { leavingClients, stalledClient } from "../workloads/misbehaving.js";
import { workloads } from "../workloads/workloads.js";

/** What subjects did that their users would not expect, and what kept them from being measured. */
export function deviationsSection(results: Results): string | undefined {
  const lines = [
    ...wrong(results),
    ...late(results),
    ...stalled(results),
    ...leaking(results),
    ...noted(results),
    ...failureLines(results.failures),
  ];
  if (lines.length === 0) return undefined;
  return ["## What was seen besides", lines.map((line) => `- ${line}`).join("\n")].join("\n\n");
}

/** Events that did not arrive as they were sent. */
function wrong(results: Results): string[] {
  return workloads.flatMap((workload) =>
    workload.points.flatMap((_, point) =>
      summarise(workload, point, results)
        .rows.filter(({ wrong }) => wrong > 0)
        .map(
          ({ subject, wrong }) =>
            `${subject.label}: ${wrong} events lost, doubled or in disorder in \`${workload.id}\`.`,
        ),
    ),
  );
}

/** Heads that wait for an event. */
function late(results: Results): string[] {
  return summarise(fan1000, 0, results)
    .rows.filter(({ medians }) => medians["heads"] === 0)
    .map(
      ({ subject }) =>
        `${subject.label} sends the head with the first event: until then its client has no open stream.`,
    );
}

/** Memory that a client takes which does not read. */
function stalled(results: Results): string[] {
  return summarise(stalledClient, 0, results)
    .rows.filter(
      ({ subject, medians }) =>
        subject.kind === "peer" && (medians["held"] ?? 0) > 50 && medians["closed"] === 0,
    )
    .map(
      ({ subject, medians }) =>
        `${subject.label} keeps all that a client does not read, and its connection: ${format(medians["held"] ?? 0)} MB.`,
    );
}

/** Generators that nobody ends. */
function leaking(results: Results): string[] {
  return summarise(leavingClients, 0, results)
    .rows.filter(({ medians }) => (medians["live"] ?? 0) > 0)
    .map(
      ({ subject, medians }) =>
        `${subject.label}: ${format(medians["live"] ?? 0)} generators live on after their clients have left under backpressure.`,
    );
}

/** What was found when the subjects' servers were written. */
function noted({ measurements }: Results): string[] {
  const measured = new Set(measurements.map(({ subject }) => subject));
  return subjects.flatMap(({ name, label, notes = [] }) =>
    measured.has(name) ? notes.map((note) => `${label} ${note}`) : [],
  );
}
