// `node scripts/scaling/storm.mjs`: simulates storms of resumes, prints what becomes of them, and draws
// docs/images/resume-storm.svg.
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { draw } from "./plot.mjs";
import { afterAll, afterProcess, afterRedis, HORIZON, MISSED } from "./storms.mjs";
import { markdown, readable, time } from "./table.mjs";

/**
 * When the last client has its stream again, the most that waited at one time, and how many attempts Redis had no
 * answer for in time.
 *
 * @param {readonly import("./storms.mjs").Row[]} rows
 */
export function printStorm(rows) {
  return markdown(
    ["`retry`", ...MISSED.map((missed) => `${readable(missed)} missed`)],
    rows.map(({ title, clients, outcomes }) => [
      title,
      ...outcomes.map(({ isOver, recovered, peak, lost }) => {
        const end = isOver ? time(recovered / 1_000) : `more than ${HORIZON} s`;
        const failed = lost === 0 ? "" : `, ${readable(lost / clients)} failed each`;
        return `${end}, ${readable((100 * peak) / clients)} % waited${failed}`;
      }),
    ]),
  );
}

/** @param {ReturnType<typeof afterRedis>} outcomes */
export function printRepair(outcomes) {
  return markdown(
    ["Each channel missed", "All up to date after", "Commands without an answer"],
    outcomes.map(({ missed, isOver, recovered, lost, repaired }) => [
      readable(missed),
      isOver ? time(recovered / 1_000) : `more than ${HORIZON} s`,
      `${readable(lost / repaired)} a channel`,
    ]),
  );
}

/** All that it prints, by name. @param {ReturnType<typeof afterAll>} all */
export function printAll(all) {
  return {
    process: printStorm(afterProcess()),
    all: printStorm(all),
    redis: printRepair(afterRedis()),
  };
}

const [script] = process.argv.slice(1);
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  const all = afterAll();
  const { process: one, all: every, redis } = printAll(all);
  console.log(`A process dies\n\n${one}\n\nAll connections are lost\n\n${every}\n`);
  console.log(`Redis restarts\n\n${redis}`);
  const images = fileURLToPath(new URL("../../docs/images", import.meta.url));
  mkdirSync(images, { recursive: true });
  writeFileSync(`${images}/resume-storm.svg`, draw(all));
}
