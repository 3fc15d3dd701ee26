import { setTimeout as delay } from "node:timers/promises";
import { countDescriptors } from "./descriptors.js";
import type { Program } from "./program.js";
import type { FaultServer } from "./programs/fault-server.js";

/**
 * What is left on a server of clients that have gone, once it had time to notice.
 *
 * @param descriptors - how many it may have open
 */
export async function leftOf(
  server: Program<FaultServer>,
  descriptors: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const state = await server.call("state");
    const left = [
      [state.active, "hub(s)"],
      [state.connections, "connection(s)"],
      [state.running, "source(s)"],
      [Math.max(0, countDescriptors(server.pid) - descriptors), "descriptor(s)"],
    ] as const;
    const some = left.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
    if (some.length === 0 || performance.now() > deadline) return some;
    await delay(20);
  }
}
