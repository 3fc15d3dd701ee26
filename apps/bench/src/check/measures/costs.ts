import type { Measured } from "../measurement.js";
import type { Reading } from "../program/meters/meter.js";
import { dividedBy, minus } from "../reading.js";
import type { Program } from "../start-program.js";
import { counted } from "./counted.js";
import { type Effort, fanOut, generatorEvent, opening } from "./workloads.js";

/** How much it takes for a meter to be exact. */
export interface Efforts {
  readonly fanOut: Effort;
  /** For generators that yield one event a turn, and {@link MANY}. */
  readonly single: Effort;
  readonly many: Effort;
  readonly opening: Effort;
}

const BURST = 10;
const MANY = 100;

/** What the same things cost in the unit of each meter. */
export async function costs(
  program: Program,
  group: string,
  unit: string,
  efforts: Efforts,
): Promise<Measured[]> {
  const measured = (name: string, reading: Reading): Measured =>
    counted(`${group}: ${name}`, unit, reading);

  const single = await fanOut(program, "sluice", 1, efforts.fanOut);
  const burst = await fanOut(program, "sluice", BURST, efforts.fanOut);
  const limit = await fanOut(program, "limit", 1, efforts.fanOut);
  const limitOfBurst = await fanOut(program, "limit", BURST, efforts.fanOut);
  const openingBeyond = async (path: string): Promise<Reading> =>
    minus(
      await opening(program, `/sluice/${path}`, efforts.opening),
      await opening(program, `/limit/${path}`, efforts.opening),
    );

  return [
    measured("a delivery, beyond the limit", minus(single.delivery, limit.delivery)),
    measured(
      `a delivery of ${BURST} events, beyond the limit`,
      minus(burst.delivery, limitOfBurst.delivery),
    ),
    measured("publishing an event", dividedBy(minus(burst.turn, single.turn), BURST - 1)),
    measured("an event of a generator, 1 a turn", await generatorEvent(program, 1, efforts.single)),
    measured(
      `an event of a generator, ${MANY} a turn`,
      await generatorEvent(program, MANY, efforts.many),
    ),
    measured("opening a generator, beyond the limit", await openingBeyond("first")),
    measured("joining a channel, beyond the limit", await openingBeyond("fan")),
  ];
}
