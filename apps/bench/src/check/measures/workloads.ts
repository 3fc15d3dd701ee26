import type { Reading } from "../program/meters/meter.js";
import type { Side } from "../program/program.js";
import { dividedBy, least, minus } from "../reading.js";
import type { Program } from "../start-program.js";
import { leaveAll, openAll, openInTurn, Visitor } from "../visitor.js";

/** How often and how long a workload runs: as much as its meter needs to be exact. */
export interface Effort {
  readonly clients: readonly [few: number, many: number];
  readonly turns: number;
  readonly times: number;
}

/** What a channel's fan-out costs. */
export interface FanOut {
  /** For each client and turn. */
  readonly delivery: Reading;
  /** With the few clients, for each turn: what is published, and its deliveries. */
  readonly turn: Reading;
}

/**
 * Publishes to many clients and then to few. What the many cost more is their deliveries; what is the
 * same for both is the publishing, and the loop that does it.
 */
export async function fanOut(
  program: Program,
  side: Side,
  burst: number,
  { clients: [few, many], turns, times }: Effort,
): Promise<FanOut> {
  const take = (): Promise<Reading> =>
    least(times, () => program.call("publish", side, turns, burst));
  const stay = await openInTurn(program.port, `/${side}/fan`, few);
  const leave = await openInTurn(program.port, `/${side}/fan`, many - few);
  const withMany = await take();
  await leaveAll(leave);
  const withFew = await take();
  await leaveAll(stay);
  return {
    delivery: dividedBy(minus(withMany, withFew), (many - few) * turns),
    turn: dividedBy(withFew, turns),
  };
}

/** What an event of a generator costs, all in all, where each yields a burst of them a turn. */
export async function generatorEvent(
  program: Program,
  burst: number,
  { clients: [few, many], turns, times }: Effort,
): Promise<Reading> {
  const take = (): Promise<Reading> => least(times, () => program.call("beat", turns));
  const path = `/sluice/paced/${burst}`;
  const stay = await openAll(program.port, path, few);
  const leave = await openAll(program.port, path, many - few);
  const withMany = await take();
  await leaveAll(leave);
  const withFew = await take();
  await leaveAll(stay);
  return dividedBy(minus(withMany, withFew), (many - few) * turns * burst);
}

/** What a connection costs until its client has the head, and what is sent with it. */
export async function opening(
  program: Program,
  path: string,
  { clients: [few, many], times }: Effort,
): Promise<Reading> {
  const take = (count: number): Promise<Reading> =>
    least(times, async () => {
      await program.call("start");
      const visitors = await openInTurn(program.port, path, count);
      const reading = await program.call("stop");
      await leaveAll(visitors);
      await program.call("release");
      return reading;
    });
  // The first one is not like the others: it makes the channel, and sets the timers that all share.
  const first = await openInTurn(program.port, path, 1);
  const reading = minus(await take(many), await take(few));
  await leaveAll(first);
  return dividedBy(reading, many - few);
}

/** What an event costs that was missed: the first time that somebody asks for it, and the second. */
export interface Replaying {
  readonly first: Reading;
  readonly second: Reading;
}

/** Has clients come back that have missed few events, and such that have missed many. */
export async function replaying(program: Program, times: number): Promise<Replaying> {
  const ids = await program.call("fill", 3_000);
  const last = `id: ${ids.at(-1)!}\n`;
  const [few, many] = [500, 2_500] as const;
  const read = async (missed: number): Promise<Visitor> => {
    const visitor = await Visitor.open(program.port, "/sluice/replay", ids.at(-1 - missed));
    await visitor.until(last);
    return visitor;
  };
  let asked = 0;
  const take = (missed: number, again: boolean): Promise<Reading> =>
    least(times, async () => {
      // Each time after another event, for what was read for one client may be kept for the next.
      const from = missed + ++asked;
      if (again) await (await read(from)).leave();
      await program.call("start");
      const visitor = await read(from);
      const reading = await program.call("stop");
      await visitor.leave();
      return reading;
    });
  const difference = async (again: boolean): Promise<Reading> =>
    dividedBy(minus(await take(many, again), await take(few, again)), many - few);
  return { first: await difference(false), second: await difference(true) };
}
