import { describe, expect, it } from "vitest";
import { BenchError } from "./errors.js";
import { type Command, readOptions, type RunOptions, usage } from "./options.js";
import { subjects } from "./subjects.js";
import { workloads } from "./workloads/workloads.js";

function run(...args: string[]): RunOptions {
  const command = readOptions(args);
  if (command.kind !== "run") throw new Error(`It is to ${command.kind}.`);
  return command.options;
}

describe("readOptions", () => {
  it("measures everything, and keeps the report in the documents", () => {
    const options = run();
    expect(options.workloads).toEqual(workloads);
    expect(options.subjects).toEqual(subjects.map(({ name }) => name));
    expect(options).toMatchObject({ quick: false, report: "docs/benchmarks" });
    expect(options.repeats).toBeUndefined();
    expect(options.resumeFrom).toBeUndefined();
  });

  it("picks workloads and subjects by name, in their own order", () => {
    const options = run("--workload", "fan-1000,one", "--subject", "limit,sluice");
    expect(options.workloads.map(({ id }) => id)).toEqual(["one", "fan-1000"]);
    expect(options.subjects).toEqual(["sluice", "limit"]);
  });

  it.each([["--workload", "one"], ["--subject", "sluice"], ["--repeats", "1"], ["--quick"]])(
    "never replaces a whole report by that of %s %s",
    (...args) => {
      expect(run(...args).report).toBe("apps/bench/dist/report");
      expect(run(...args, "--report", "elsewhere").report).toBe("elsewhere");
    },
  );

  it("measures once where it is only to be seen that everything works", () => {
    expect(run("--quick").repeats).toBe(1);
    expect(run("--quick", "--repeats", "3").repeats).toBe(3);
  });

  it("writes nothing with --no-report", () => {
    expect(run("--no-report").report).toBeUndefined();
  });

  it("renders the results that are in the report's folder, or others", () => {
    expect(readOptions(["--render"])).toEqual({
      kind: "render",
      results: "docs/benchmarks/results.json",
      report: "docs/benchmarks",
    } satisfies Command);
    expect(readOptions(["--render", "--resume-from", "a.json", "--report", "b"])).toEqual({
      kind: "render",
      results: "a.json",
      report: "b",
    } satisfies Command);
  });

  it("hands everything beside --check to the check", () => {
    expect(readOptions(["--check", "--update"])).toEqual({ kind: "check", args: ["--update"] });
  });

  it("asks for help with --help", () => {
    expect(readOptions(["--help"])).toEqual({ kind: "help" });
  });

  it.each([
    [["--loud"], /--loud/],
    [["one"], /one/],
    [["--workload", "none"], /"none".*fan-1000/],
    [["--subject", "express"], /"express".*sluice/],
    [["--repeats", "0"], /"0"/],
    [["--repeats", "many"], /"many"/],
  ])("refuses %j", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
    expect(() => readOptions(args)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(() => readOptions(args)).toThrow(BenchError);
  });

  it("names every option, workload and subject in the usage", () => {
    const names = [...workloads.map(({ id }) => id), ...subjects.map(({ name }) => name)];
    for (const name of names) expect(usage).toContain(name);
  });
});
