// The storms of docs/SCALING.md: the plan for a million connections, and what becomes of it.
import { DEFAULTS, plan, processResume, redisRead, redisResume } from "./formula.mjs";
import { inputs } from "./inputs.mjs";
import { repair } from "./repair.mjs";
import { simulate } from "./simulate.mjs";

/** How many events each client has missed: what its resume costs. */
export const MISSED = [1, 10, 100, 1_000];
/** The `retry` that clients were told, in seconds; they come spread over as long again. */
export const RETRIES = [1, 3, 10, 30, 60, 120];

/** @typedef {import("./simulate.mjs").Outcome} Outcome */
/** @typedef {{ title: string, clients: number, outcomes: readonly Outcome[] }} Row one outcome for each of `MISSED` */

const { processes, shards, processLoad, redisLoad } = plan(DEFAULTS);
const perProcess = Math.round(DEFAULTS.connections / processes);

/** @param {number} missed */
function costs(missed) {
  const bytes = missed * (DEFAULTS.eventBytes + inputs.frame.value);
  return {
    resume: processResume(0),
    take: processResume(missed) - processResume(0),
    read: redisResume(missed),
    pages: Math.ceil(bytes / inputs.pageBytes.value),
    timeout: inputs.commandTimeout.value * 1_000,
    nodeLoad: processLoad,
    redisLoad,
  };
}

/** How much of everything is looked at: it takes as long as the whole, and is sooner done. */
const PART = 0.1;

/** Part of the clients of one process. */
const clients = Math.round(perProcess * PART);

/** When to give up, in seconds. */
export const HORIZON = 600;

/** Part of one process, with the share of Redis that it has beside all others. */
const slice = {
  clients,
  nodes: 1,
  shards: 1,
  horizon: HORIZON * 1_000,
  part: PART,
  redisShare: shards / processes,
};

/** The clients' option has to let them spread as far. @param {number} retry */
const told = (retry) => ({ window: retry * 1_000, maxDelay: Math.max(30, retry) * 1_000 });

/**
 * One process dies: its clients come to all others.
 *
 * @returns {Row[]}
 */
export function afterProcess() {
  return RETRIES.slice(0, 4).map((retry) => ({
    title: `${retry} s`,
    clients,
    outcomes: MISSED.map((missed) =>
      simulate({
        ...costs(missed),
        ...told(retry),
        clients,
        nodes: processes - 1,
        shards,
        part: PART,
        horizon: HORIZON * 1_000,
      }),
    ),
  }));
}

/**
 * All connections are lost at once, as when a proxy dies: one process's part of it.
 *
 * @returns {Row[]}
 */
export function afterAll() {
  const native = MISSED.map((missed) =>
    simulate({ ...costs(missed), ...slice, window: 3_000, jitter: "none" }),
  );
  return [
    { title: "3 s, EventSource", clients, outcomes: native },
    ...RETRIES.map((retry) => ({
      title: `${retry} s`,
      clients,
      outcomes: MISSED.map((missed) => simulate({ ...costs(missed), ...slice, ...told(retry) })),
    })),
  ];
}

/**
 * Redis was gone, and processes find it again within two seconds: each channel is followed anew, compared, and read.
 */
export function afterRedis() {
  return MISSED.map((missed) => {
    const { pages, take, timeout } = costs(missed);
    const { channels, follow, check } = { ...inputs, channels: clients };
    const outcome = repair({
      channels,
      within: 2_000,
      timeout,
      pages,
      take,
      horizon: HORIZON * 1_000,
      follow: follow.value,
      check: check.value,
      read: redisRead(missed),
      part: PART,
      share: slice.redisShare * (1 - redisLoad),
      processShare: 1 - processLoad,
    });
    return { ...outcome, missed };
  });
}
