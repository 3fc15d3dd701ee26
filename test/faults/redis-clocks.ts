import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "../../packages/redis/test/redis-client.js";
import { startRedis } from "../../packages/redis/test/redis-server.js";
import type { RedisLoad } from "./redis-load.js";
import { type RedisReport, RedisWorld } from "./redis-world.js";

/** Whether there is no program that fakes the clock of others, which only happens outside of CI. */
export const noFaketime =
  process.env["SLUICE_NO_FAKETIME"] === "1" || process.env["SLUICE_NO_MIMALLOC"] === "1";
if (noFaketime) {
  console.warn("Skipped: faketime or mimalloc is missing (set FAKETIME_PATH and MIMALLOC_PATH).");
}

/** The words before a command whose clock is to be another: as a file says, or by a fixed offset. */
function withClock(variables: Readonly<Record<string, string>>): readonly string[] {
  const faketime = process.env["FAKETIME_PATH"] ?? "faketime";
  // It knows where its library is.
  const { stdout } = spawnSync(faketime, ["-f", "+0", "env"], { encoding: "utf8" });
  const library = /^LD_PRELOAD=(.+)$/m.exec(stdout)?.[1];
  if (library === undefined) throw new Error(`${faketime} tells no library.`);
  // The second is what it was called before version 0.9.8.
  const monotonic = { FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1" };
  const preloaded = `${library} ${process.env["MIMALLOC_PATH"] ?? ""}`;
  const all = { LD_PRELOAD: preloaded, ...monotonic, ...variables };
  return ["/usr/bin/env", ...Object.entries(all).map(([name, value]) => `${name}=${value}`)];
}

/** The server's clock is set on and back by an hour, while it is published to. */
export async function jumpingClock(
  load: RedisLoad,
): Promise<RedisReport & { readonly jumps: readonly number[] }> {
  const command = process.env["REDIS_SERVER_PATH"] ?? "redis-server";
  const folder = mkdtempSync(join(tmpdir(), "sluice-clock-"));
  const clock = join(folder, "offset");
  const set = (offset: string): void => writeFileSync(clock, offset);
  set("+0");
  const variables = { FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: "1" };
  await using server = await startRedis([], [...withClock(variables), command]);
  using admin = await connectAdmin(server.url);
  const now = async (): Promise<number> => Number(((await admin.ask("TIME")) as string[])[0]);
  await using world = await RedisWorld.open({ ...load, url: server.url });
  await world.publish();
  const jumps: number[] = [];
  for (const offset of ["+1h", "+0", "-1h", "+0"]) {
    await world.stored(30);
    set(offset);
    await delay(load.duration / 4);
    jumps.push(Math.round((await now()) - Date.now() / 1_000));
  }
  const report = await world.finish();
  rmSync(folder, { recursive: true });
  return { ...report, jumps };
}

/** One node's clock is an hour ahead, the other's an hour behind. */
export async function wrongClocks(load: RedisLoad): Promise<RedisReport> {
  await using server = await startRedis();
  await using world = await RedisWorld.open({
    ...load,
    url: server.url,
    processes: true,
    launcher: (node) => withClock({ FAKETIME: node === 0 ? "+1h" : "-1h" }),
  });
  await world.publish();
  await delay(load.duration);
  return await world.finish();
}
