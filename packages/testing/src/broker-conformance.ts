import type { Broker } from "@sluice/core";
import { Bench } from "./broker/bench.js";
import { contents } from "./broker/contents.js";
import { cursors } from "./broker/cursors.js";
import { ending } from "./broker/ending.js";
import { failure } from "./broker/failure.js";
import { history } from "./broker/history.js";
import { join } from "./broker/join.js";
import { type BrokerConformanceOptions, toSettings } from "./broker/options.js";
import { order } from "./broker/order.js";
import { replay } from "./broker/replay.js";
import { restart } from "./broker/restart.js";
import { walks } from "./broker/walk.js";

/** One promise of a broker. */
export interface BrokerCase {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Opens a broker of its own, resolves when it keeps the promise, and closes it in any case. */
  run(): Promise<void>;
}

/**
 * Everything that a broker promises, as cases for any test runner: `it(name, run)`.
 *
 * @param options - how to make a broker, and what it is
 */
export function brokerConformance<B extends Broker>(
  options: BrokerConformanceOptions<B>,
): BrokerCase[] {
  const settings = toSettings(options);
  return [order, join, replay, history, cursors, ending, contents, failure, restart, walks]
    .flat()
    .filter(({ when }) => when === undefined || when(settings))
    .map((promised) => ({
      name: promised.name,
      async run() {
        await using bench = await Bench.open(settings);
        await promised.run(bench);
      },
    }));
}
