import type { Measurement } from "../measurement.js";
import { dividedBy, minus } from "../reading.js";
import { type Program, startProgram } from "../start-program.js";
import { leaveAll, openInTurn } from "../visitor.js";
import { costs } from "./costs.js";
import { COUNTED, counted } from "./counted.js";

const IDLE = 20;

/** How many promises, ticks, immediates and timers are made, and what an open connection keeps of them. */
export async function measureResources(): Promise<Measurement[]> {
  await using program = await startProgram("resources");
  return [...(await costs(program, "resources", "resources", COUNTED)), ...(await idle(program))];
}

async function idle(program: Program): Promise<Measurement[]> {
  // The timers that all connections share are set by the first.
  const first = await openInTurn(program.port, "/sluice/fan", 1);
  const before = await program.call("active");
  await program.call("start");
  const visitors = await openInTurn(program.port, "/sluice/fan", IDLE);
  const { timers = 0 } = await program.call("stop");
  const active = minus(await program.call("active"), before);
  await leaveAll([...first, ...visitors]);
  return [
    { name: "resources: timers of an open connection", unit: "timers", value: timers / IDLE },
    counted("resources: handles of an open connection", "handles", dividedBy(active, IDLE)),
  ];
}
