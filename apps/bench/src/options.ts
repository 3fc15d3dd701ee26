import { parseArgs } from "node:util";
import { BenchError, messageOf } from "./errors.js";
import { type SubjectName, subjects } from "./subjects.js";
import type { Workload } from "./workloads/workload.js";
import { workloads } from "./workloads/workloads.js";

/** What a run is told. */
export interface RunOptions {
  readonly workloads: readonly Workload[];
  readonly subjects: readonly SubjectName[];
  /** Instead of what the workloads say. */
  readonly repeats?: number | undefined;
  readonly quick: boolean;
  /** Where the report goes. */
  readonly report?: string | undefined;
  /** A file of results: what it holds is not measured again. */
  readonly resumeFrom?: string | undefined;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "check"; readonly args: readonly string[] }
  | { readonly kind: "render"; readonly results: string; readonly report: string }
  | { readonly kind: "run"; readonly options: RunOptions };

/** Where the report of a whole run is kept. */
const WHOLE = "docs/benchmarks";
/** Where that of any other goes, so that it does not replace a whole one. */
const PARTIAL = "apps/bench/dist/report";

export const usage = `npm run bench -- [options]

  --workload A,B       measures these only:${list(workloads.map(({ id }) => id))}
  --subject A,B        measures these only:${list(subjects.map(({ name }) => name))}
  --repeats N          measures each so many times
  --quick              shows that everything works, with few connections and events
  --report FOLDER      where the report goes (a whole run: ${WHOLE}; else: ${PARTIAL})
  --no-report          prints the figures and writes nothing
  --resume-from FILE   keeps what these results hold and measures the rest
  --render             makes the report anew from the results in its folder, or from --resume-from
  --check              compares what does not depend on the machine (bytes, system calls, objects) with
                       what it may be; with --update it may be from now on what it is
  --help               prints this`;

/**
 * Reads the command line.
 *
 * @param args - without the program's name
 * @throws BenchError `usage` if it can't be understood
 */
export function readOptions(args: readonly string[]): Command {
  if (args.includes("--check")) {
    return { kind: "check", args: args.filter((arg) => arg !== "--check") };
  }
  const values = parsed(args);
  if (values.help === true) return { kind: "help" };

  const quick = values.quick === true;
  const resumeFrom = values["resume-from"];
  if (values.render === true) {
    const report = values.report ?? WHOLE;
    return { kind: "render", results: resumeFrom ?? `${report}/results.json`, report };
  }
  const selected = values.workload ?? values.subject ?? values.repeats;
  const report = values.report ?? (quick || selected !== undefined ? PARTIAL : WHOLE);
  return {
    kind: "run",
    options: {
      workloads: chosen("workload", values.workload, workloads, ({ id }) => id),
      subjects: chosen("subject", values.subject, subjects, ({ name }) => name).map(
        ({ name }) => name,
      ),
      repeats: repeatsOf(values.repeats, quick),
      quick,
      report: values["no-report"] === true ? undefined : report,
      resumeFrom,
    },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        workload: { type: "string" },
        subject: { type: "string" },
        repeats: { type: "string" },
        quick: { type: "boolean" },
        report: { type: "string" },
        "no-report": { type: "boolean" },
        "resume-from": { type: "string" },
        render: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new BenchError("usage", messageOf(error));
  }
}

/** Those that a list of names picks, in their own order; all without a list. */
function chosen<T>(
  option: string,
  given: string | undefined,
  from: readonly T[],
  nameOf: (item: T) => string,
): T[] {
  const names = given?.split(",");
  const unknown = names?.find((name) => !from.some((item) => nameOf(item) === name));
  if (unknown !== undefined) {
    throw new BenchError(
      "usage",
      `--${option}: there is no "${unknown}". There are: ${from.map(nameOf).join(", ")}.`,
    );
  }
  return from.filter((item) => names?.includes(nameOf(item)) ?? true);
}

function repeatsOf(given: string | undefined, quick: boolean): number | undefined {
  if (given === undefined) return quick ? 1 : undefined;
  const number = Number(given);
  if (Number.isInteger(number) && number > 0) return number;
  throw new BenchError("usage", `--repeats: "${given}" is not a whole number above 0.`);
}

/** Names with commas, in lines of their own below what they are for. */
function list(names: readonly string[]): string {
  const lines: string[] = [""];
  for (const name of names) {
    const last = lines.at(-1) ?? "";
    if (last === "" || last.length + name.length > 76) lines.push(`${name}, `);
    else lines[lines.length - 1] = `${last}${name}, `;
  }
  return lines
    .map((line) => line.trimEnd())
    .join(`\n${" ".repeat(23)}`)
    .replace(/,$/, "");
}
