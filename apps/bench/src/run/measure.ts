import { type Subject, subject as subjectOf } from "../subjects.js";
import { compile } from "../native/compile.js";
import type { LoadTarget } from "../native/load.js";
import type { Load } from "../workloads/load.js";
import { figure, type Figures, type Workload } from "../workloads/workload.js";
import { loadOf } from "../workloads/workloads.js";
import type { Checks, Step } from "./measurement.js";
import { type Command, NotMeasured, Server } from "./server.js";

/** Runs the load client against a server, and gives what it printed. */
export type RunLoad = (load: Load, server: LoadTarget & { timeout: number }) => Promise<Figures>;

/** Gives the values of one measurement. */
export type Measure = (workload: Workload, step: Step) => Promise<Record<string, number>>;

/** Milliseconds that the load client has: some peers take their time. */
const TIMEOUT = 120_000;

/** Those that are running now, to be killed when this process is told to end. */
const running = new Set<Server>();

/** Makes what measures: a fresh server for each measurement, and the load client against it. */
export function measuring(runLoad: RunLoad, quick: boolean): Measure {
  return async (workload, { subject: name, point }) => {
    const subject = subjectOf(name);
    const place = workload.points[point];
    if (place === undefined) throw new RangeError(`${workload.id} has no point ${point}.`);
    const { server, ports } = await Server.start(await commandOf(subject));
    running.add(server);
    try {
      const { children } = subject;
      const load = loadOf(place, subject, quick);
      const figures = await runLoad(load, { ...ports, children, timeout: TIMEOUT });
      return valuesOf(workload, figures);
    } catch (error) {
      const message = messageOf(error);
      if (/status 404\b/.test(message)) throw new NotMeasured("unable", message);
      throw new NotMeasured("failed", server.accident ?? message);
    } finally {
      await server.stop();
      running.delete(server);
    }
  };
}

async function commandOf({ command: [program, ...args] }: Subject): Promise<Command> {
  if (program === "node") return [process.execPath, ...args];
  try {
    return [await compile(program), ...args];
  } catch (error) {
    throw new NotMeasured("absent", messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Kills the servers that are being measured. */
export function killServers(): void {
  for (const server of running) server.kill();
}

/** What is kept of what the load client printed. */
export function valuesOf(workload: Workload, figures: Figures): Record<string, number> {
  const columns = workload.columns.map(({ key, of }) => [key, of(figures)] as const);
  const elapsed = figure(figures, "elapsed");
  const checks: Checks = {
    clientBusy: figure(figures, "clientCpu") / elapsed,
    serverBusy: figure(figures, "serverCpu") / elapsed,
    lost: figure(figures, "lost"),
    doubled: figure(figures, "doubled"),
    disordered: figure(figures, "disordered"),
    heads: figure(figures, "heads") / figure(figures, "connections"),
  };
  return Object.fromEntries(
    [...columns, ...Object.entries(checks)].map(([key, value]) => [key, rounded(value)]),
  );
}

/** To four digits: more say nothing, and the results are kept. */
function rounded(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError("The load client received nothing.");
  return Number(value.toPrecision(4));
}
