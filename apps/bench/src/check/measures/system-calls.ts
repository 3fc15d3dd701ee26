import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BenchError } from "../../errors.js";
import type { Measured, Measurement } from "../measurement.js";
import type { Reading } from "../program/meters/meter.js";
import type { Side } from "../program/program.js";
import { dividedBy, minus, only, without } from "../reading.js";
import { type Program, startProgram } from "../start-program.js";
import { findStrace } from "../strace.js";
import { readTrace } from "../trace.js";
import { leaveAll, openAll, Visitor } from "../visitor.js";
import { counted } from "./counted.js";

const GROUP = "system calls";
const CLIENTS = 100;
const TURNS = 10;
const OPENINGS = 20;
const BURST = 10;

const WRITES = ["write", "writev", "sendmsg", "sendto"] as const;
const POLLS = ["epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll"] as const;

/** What is traced, each with one pair of marks. */
const STRETCHES = {
  fanOut: (program: Program) => publish(program, "sluice", 1),
  fanOutAtLimit: (program: Program) => publish(program, "limit", 1),
  burst: (program: Program) => publish(program, "sluice", BURST),
  generators: (program: Program) => beat(program, 1),
  generatorsInBursts: (program: Program) => beat(program, BURST),
  generatorOpened: (program: Program) => comeAndGo(program, "/sluice/first"),
  channelJoined: (program: Program) => comeAndGo(program, "/sluice/fan"),
} as const;

type Traced = Readonly<Record<keyof typeof STRETCHES, Reading>>;

/** How many system calls the main thread makes. */
export async function measureSystemCalls(): Promise<Measurement[]> {
  const strace = await findStrace();
  if ("impossible" in strace) return [{ group: GROUP, impossible: strace.impossible }];
  const folder = await mkdtemp(join(tmpdir(), "sluice-check-"));
  try {
    const file = join(folder, "trace");
    await trace([strace.command, "-o", file]);
    const readings = readTrace(await readFile(file, "latin1"));
    const names = Object.keys(STRETCHES);
    if (readings.length !== names.length)
      throw new BenchError(
        "failed",
        `The trace has ${readings.length} stretches, not ${names.length}.`,
      );
    return measures(
      Object.fromEntries(names.map((name, index) => [name, readings[index]!])) as Traced,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs all stretches; the trace is complete when the program has ended. */
async function trace(launcher: readonly string[]): Promise<void> {
  await using program = await startProgram("marks", { launcher });
  for (const run of Object.values(STRETCHES)) await run(program);
}

async function publish(program: Program, side: Side, burst: number): Promise<void> {
  const visitors = await openAll(program.port, `/${side}/fan`, CLIENTS);
  await program.call("publish", side, TURNS, burst);
  await leaveAll(visitors);
}

async function beat(program: Program, burst: number): Promise<void> {
  const visitors = await openAll(program.port, `/sluice/paced/${burst}`, CLIENTS);
  await program.call("beat", TURNS);
  await leaveAll(visitors);
}

async function comeAndGo(program: Program, path: string): Promise<void> {
  // The first one sets up what all share.
  const first = await Visitor.open(program.port, path);
  await program.call("start");
  for (let n = 0; n < OPENINGS; n++) await (await Visitor.open(program.port, path)).leave();
  await program.call("stop");
  await first.leave();
}

function measured(name: string, reading: Reading): Measured {
  return counted(`${GROUP}: ${name}`, "calls", reading);
}

function measures(traced: Traced): Measurement[] {
  const writes = (name: string, reading: Reading, count: number): Measured =>
    measured(name, dividedBy(only(reading, WRITES), count));
  const connection = (name: string, reading: Reading): Measured =>
    measured(name, dividedBy(without(reading, POLLS), OPENINGS));

  return [
    writes("writes of a delivery", traced.fanOut, CLIENTS * TURNS),
    writes(`writes of a delivery of ${BURST} events`, traced.burst, CLIENTS * TURNS),
    writes("writes of a generator, 1 event a turn", traced.generators, CLIENTS * TURNS),
    writes(
      `writes of a generator, ${BURST} events a turn`,
      traced.generatorsInBursts,
      CLIENTS * TURNS,
    ),
    measured(
      "a turn of fan-out, beyond the limit",
      dividedBy(minus(traced.fanOut, traced.fanOutAtLimit), TURNS),
    ),
    writes("writes to open a generator", traced.generatorOpened, OPENINGS),
    writes("writes to join a channel", traced.channelJoined, OPENINGS),
    connection("a generator's connection, opened and left", traced.generatorOpened),
    connection("a channel's connection, opened and left", traced.channelJoined),
  ];
}
