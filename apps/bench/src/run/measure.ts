import { BenchError, messageOf } from "../errors.js";
import { compile } from "../native/compile.js";
import type { LoadTarget } from "../native/load.js";
import { type Subject, subject as subjectOf } from "../subjects.js";
import type { Order } from "../workloads/load.js";
import { figure, type Figures, type Workload } from "../workloads/workload.js";
import { loadOf } from "../workloads/workloads.js";
import type { Checks, Step } from "./measurement.js";
import { type Command, Server } from "./server.js";

/** Runs the load client against a server, and gives what it printed. */
export type RunLoad = (order: Order, server: LoadTarget & { timeout: number }) => Promise<Figures>;

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
    const load = loadOf(place, subject, quick);
    const command = await commandOf(subject);
    const take = async (order: Order, warmUp?: Order): Promise<Figures> => {
      const { server, ports } = await Server.start(command);
      running.add(server);
      try {
        const { children } = subject;
        const target = { ...ports, children, timeout: TIMEOUT };
        if (warmUp !== undefined) await runLoad(warmUp, target);
        return await runLoad(order, target);
      } catch (error) {
        const message = messageOf(error);
        if (/status 404\b/.test(message)) throw new BenchError("unable", message);
        throw new BenchError("failed", server.accident ?? message);
      } finally {
        await server.stop();
        running.delete(server);
      }
    };
    const control = load.control === undefined ? undefined : await take(load.control);
    return valuesOf(workload, await take(load, load.warmUp), control);
  };
}

async function commandOf({ command: [program, ...args] }: Subject): Promise<Command> {
  if (program === "node") return [process.execPath, ...args];
  try {
    return [await compile(program), ...args];
  } catch (error) {
    throw new BenchError("absent", messageOf(error));
  }
}

/** Kills the servers that are being measured. */
export function killServers(): void {
  for (const server of running) server.kill();
}

/** What is kept of what the load client printed. */
export function valuesOf(
  workload: Workload,
  figures: Figures,
  control?: Figures,
): Record<string, number> {
  const columns = workload.columns.map(({ key, of }) => [key, of(figures, control)] as const);
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
    [...columns, ...Object.entries<number>({ ...checks })].map(([key, value]) => [
      key,
      rounded(value),
    ]),
  );
}

/** To four digits: more say nothing, and the results are kept. */
function rounded(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError("The load client received nothing.");
  return Number(value.toPrecision(4));
}
