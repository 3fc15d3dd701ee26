// `npm run bench`: measures Sluice beside its peers and its limits, and writes the report.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BenchError } from "./errors.js";
import { root } from "./folders.js";
import { readOptions, usage } from "./options.js";
import { printout } from "./report/printout.js";
import { writeReport } from "./report/write.js";
import { parse, type Results } from "./results/results.js";
import { run } from "./run/run.js";

try {
  process.exitCode = (await main(process.argv.slice(2))) || process.exitCode;
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(error.message);
  if (error.code === "usage") console.error(`\n${usage}`);
  process.exitCode = 2;
}

async function main(args: readonly string[]): Promise<number> {
  const command = readOptions(args);
  switch (command.kind) {
    case "help":
      console.log(usage);
      return 0;
    case "check": {
      const { check } = await import("./check/check.js");
      return check(command.args);
    }
    case "render":
      report(read(command.results), command.report);
      return 0;
    case "run": {
      const { resumeFrom, report: folder } = command.options;
      const results = await run(
        command.options,
        resumeFrom === undefined ? undefined : read(resumeFrom),
      );
      console.log(`\n${printout(results)}`);
      if (results.measurements.length === 0) return 1;
      if (folder !== undefined) report(results, folder);
      return 0;
    }
  }
}

/** Reads results. A path is from the repository's root, where `npm run bench` was called. */
function read(file: string): Results {
  return parse(readFileSync(resolve(root, file), "utf8"));
}

function report(results: Results, folder: string): void {
  const path = resolve(root, folder);
  writeReport(results, path);
  console.log(`The report is in ${path}.`);
}
