import type { Measurement } from "../measurement.js";
import type { Side } from "../program/program.js";
import { type Program, startProgram } from "../start-program.js";
import { leaveAll, openInTurn } from "../visitor.js";

/** How many connections are held to find what one holds, and how often. */
const HELD = 100;
const TIMES = 4;

/** Code counts too: none is to be compiled between two measurements. */
const NO_COMPILATION = [
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--no-lazy-feedback-allocation",
];

/** How many bytes of objects an open connection holds. */
export async function measureHeld(): Promise<Measurement[]> {
  await using program = await startProgram("marks", { flags: NO_COMPILATION });
  return [
    await beyondLimit(program, "a generator's connection", "first"),
    await beyondLimit(program, "a channel's connection", "fan"),
  ];
}

async function beyondLimit(program: Program, name: string, path: string): Promise<Measurement> {
  const sluice = await heldBy(program, "sluice", path);
  const limit = await heldBy(program, "limit", path);
  return { name: `held: ${name}, beyond the limit`, unit: "bytes", value: sluice - limit };
}

async function heldBy(program: Program, side: Side, path: string): Promise<number> {
  const before: number[] = [];
  const after: number[] = [];
  const first = await openInTurn(program.port, `/${side}/${path}`, 1);
  for (let times = 0; times <= TIMES; times++) {
    before.push(await program.call("heap"));
    const visitors = await openInTurn(program.port, `/${side}/${path}`, HELD);
    after.push(await program.call("heap"));
    await leaveAll(visitors);
    await program.call("release");
  }
  await leaveAll(first);
  // The first time leaves something for good. Later, what was let go may be collected late.
  return (Math.min(...after.slice(1)) - Math.min(...before.slice(1))) / HELD;
}
