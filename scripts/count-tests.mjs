// Prints the closing line of a run, "N passed, N failed", from vitest's JSON report.
// Usage: node scripts/count-tests.mjs REPORT EXIT_CODE; ends with 1 unless tests ran and all passed.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Report
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults by file
 */

/**
 * @param {Report | undefined} report undefined if vitest wrote none
 * @param {number} exitCode of the run, which fails for reasons that no test shows: an error that
 *   nobody caught, a missing tool
 */
export function countTests(report, exitCode) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap((file) => file.assertionResults);
  /** @param {string} status */
  const withStatus = (status) => tests.filter((test) => test.status === status).length;

  const passed = withStatus("passed");
  // A file that fails to load, or in a hook, has no failed test.
  const broken = files.filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = withStatus("failed") + broken;
  const skipped = tests.length - passed - withStatus("failed");
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: failed + (unexplained ? 1 : 0), skipped };
}

/** @param {ReturnType<typeof countTests>} counts */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const [script, path, exitCode] = process.argv.slice(1);
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  const report = path && existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  const counts = countTests(report, Number(exitCode));
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}
