// Runs something in a process of its own: says when it has begun, renews its lease, and says when that is lost.
import { setTimeout as delay } from "node:timers/promises";
import { RedisBroker, type RedisBrokerOptions } from "../../src/index.js";

const { key, lease, ...options } = JSON.parse(process.argv[2]!) as RedisBrokerOptions & {
  readonly key: string;
  readonly lease: number;
};
process.on("disconnect", () => process.exit());
const { runs } = new RedisBroker(options);
const attempt = `process ${process.pid}`;
const run = { attempt, channel: `run/${process.pid}`, principal: "", note: "" };
process.send!({ claimed: await runs.claim(key, run, undefined, lease) });
let renewals = 0;
for (;;) {
  const { held, watched } = await runs.renew(key, run.attempt, lease);
  if (!held) break;
  process.send!({ renewals: ++renewals, watched });
  await delay(lease / 10);
}
process.send!({ lost: run.attempt });
