import type { Measurement } from "../measurement.js";
import type { Side } from "../program/program.js";
import { type Program, startProgram } from "../start-program.js";
import { leaveAll, openInTurn } from "../visitor.js";
import { costs, type Efforts } from "./costs.js";
import { counted } from "./counted.js";
import { replaying } from "./workloads.js";

/** Often enough for what is run to be compiled as it stays. */
const EFFORTS: Efforts = {
  fanOut: { clients: [2, 102], turns: 20, times: 40 },
  single: { clients: [10, 110], turns: 20, times: 12 },
  many: { clients: [2, 12], turns: 10, times: 12 },
  opening: { clients: [1, 51], turns: 1, times: 10 },
};

const REPLAYS = 8;

/** So many turns. */
const WARM_UP = 2_000;

/** How many bytes of objects are made. */
export async function measureBytes(): Promise<Measurement[]> {
  await using program = await startProgram("bytes");
  for (const side of ["sluice", "limit"] as const) await warmUp(program, side);
  const measured = await costs(program, "bytes", "bytes", EFFORTS);
  const { first, second } = await replaying(program, REPLAYS);
  return [
    ...measured,
    counted("bytes: a replayed event", "bytes", first),
    counted("bytes: a replayed event, for the next client", "bytes", second),
  ];
}

/** Has what publishes compiled before it is measured. */
async function warmUp(program: Program, side: Side): Promise<void> {
  const visitors = await openInTurn(program.port, `/${side}/fan`, 2);
  for (const burst of [1, 10]) await program.call("publish", side, WARM_UP, burst);
  await leaveAll(visitors);
}
