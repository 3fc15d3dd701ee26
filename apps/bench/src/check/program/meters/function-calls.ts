import { type Profiler, Session } from "node:inspector";
import type { Meter, Reading } from "./meter.js";

const OWN = new URL("..", import.meta.url).href;

/**
 * Counts the calls of JavaScript functions, those of Node and of packages too; without those of this
 * program, which are part of the measuring. V8 counts them exactly, and compiles differently meanwhile.
 */
export class FunctionCalls implements Meter {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
  }

  start(): void {
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  }

  stop(): Reading {
    const calls: Record<string, number> = {};
    this.#session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      for (const script of coverage.result) countScript(script, calls);
    });
    this.#session.post("Profiler.stopPreciseCoverage");
    return calls;
  }
}

function countScript({ url, functions }: Profiler.ScriptCoverage, calls: Record<string, number>) {
  if (url.startsWith(OWN)) return;
  for (const { functionName, ranges } of functions) {
    const count = ranges[0]?.count ?? 0;
    if (count === 0) continue;
    const name = `${functionName || "(anonymous)"} ${url}`;
    calls[name] = (calls[name] ?? 0) + count;
  }
}
