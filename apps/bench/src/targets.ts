import type { SubjectName } from "./subjects.js";

interface Place {
  /** The id of the workload. */
  readonly workload: string;
  /** The column that is judged. */
  readonly column: string;
  readonly bound: number;
}

/**
 * What Sluice has to be.
 *
 * - `speed`: so many times as fast as the other, or more. Speed is what the column counts, inverted.
 * - `cost`: so many times what the other takes, or less.
 * - `most`: so much, or less.
 * - `never`: so much, or less, in each repeat.
 */
export type Target =
  | (Place & { readonly kind: "speed" | "cost"; readonly other: SubjectName })
  | (Place & { readonly kind: "most" | "never"; readonly unit: string });

function speed(workload: string, bounds: Partial<Record<SubjectName, number>>): Target[] {
  return compared("speed", workload, "cpu", bounds);
}

function cost(
  workload: string,
  column: string,
  bounds: Partial<Record<SubjectName, number>>,
): Target[] {
  return compared("cost", workload, column, bounds);
}

function compared(
  kind: "speed" | "cost",
  workload: string,
  column: string,
  bounds: Partial<Record<SubjectName, number>>,
): Target[] {
  return Object.entries(bounds).map(([other, bound]) => ({
    kind,
    workload,
    column,
    other: other as SubjectName,
    bound,
  }));
}

/** In the order of the report. */
export const targets: readonly Target[] = [
  ...speed("one", { limit: 0.95, "node-http": 2, "fastify-sse": 2.4, nestjs: 7 }),
  ...speed("fan-1000", {
    limit: 0.95,
    floor: 0.45,
    "node-http": 1.4,
    "fastify-sse": 2,
    "better-sse": 2.2,
    nestjs: 3,
    hono: 7,
    nchan: 1.15,
  }),
  ...speed("fan-5000", { floor: 0.65 }),
  ...speed("burst-1000", {
    limit: 0.95,
    "node-http": 2.5,
    "fastify-sse": 8,
    nestjs: 20,
    nchan: 7,
  }),
  ...cost("latency-1000", "p50", { limit: 1.05, nestjs: 0.45 }),
  ...cost("generators-1000", "cpu", { limit: 1.05 }),
  ...speed("generators-1000", { "fastify-sse": 1.45, nestjs: 2.1 }),
  ...cost("open", "cpu", { limit: 1.15 }),
  ...speed("open", { "fastify-sse": 1.2, nestjs: 2 }),
  ...cost("idle", "memory", { limit: 1.05, nestjs: 0.55, nchan: 1.1 }),
  { kind: "most", workload: "replay", column: "cpu", bound: 0.35, unit: "us an event" },
  ...speed("replay", { "sse-pubsub": 2, "fastify-sse": 15 }),
  ...compared("speed", "replay", "time", { nchan: 40 }),
  // What a connection may hold unsent, 1 MiB, and 10 MB of garbage.
  { kind: "never", workload: "stall", column: "held", bound: 11.05, unit: "MB" },
  { kind: "never", workload: "leave", column: "live", bound: 0, unit: "generators" },
];

/** Whether a target compares Sluice with that subject in that workload. */
export function isRival(workload: string, name: SubjectName): boolean {
  return targets.some(
    (target) => target.workload === workload && "other" in target && target.other === name,
  );
}
