import { describe, expect, it } from "vitest";
import { Coalesced } from "./coalesced.js";

/** A task that ends when the test says so. */
function makeTask() {
  const runs: { resolve(): void; reject(error: Error): void }[] = [];
  const task = new Coalesced(
    () => new Promise((resolve, reject) => void runs.push({ resolve, reject })),
  );
  return { task, runs };
}

describe("a task that is shared", () => {
  it("runs once for all who ask while it is on its way, and after they have asked", async () => {
    const { task, runs } = makeTask();
    const first = task.run();
    const others = Array.from({ length: 10_000 }, () => task.run());
    expect(runs).toHaveLength(1);
    runs[0]!.resolve();
    await first;
    expect(runs).toHaveLength(2);
    const late = task.run();
    runs[1]!.resolve();
    await Promise.all(others);
    expect(runs).toHaveLength(3);
    runs[2]!.resolve();
    await expect(late).resolves.toBeUndefined();
  });

  it("never runs twice at the same time", async () => {
    let running = 0;
    let most = 0;
    const task = new Coalesced(async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    });
    const askAgain = async (): Promise<void> => {
      for (let n = 0; n < 50; n++) await task.run();
    };
    await Promise.all(Array.from({ length: 20 }, askAgain));
    expect(most).toBe(1);
  });

  it("fails for those who wait for the next one too, and is run anew for who asks later", async () => {
    const { task, runs } = makeTask();
    const asked = [task.run(), task.run(), task.run()];
    runs[0]!.reject(new Error("away"));
    const results = await Promise.allSettled(asked);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    const again = task.run();
    expect(runs).toHaveLength(2);
    runs[1]!.resolve();
    await expect(again).resolves.toBeUndefined();
  });
});
