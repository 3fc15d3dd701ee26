import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closingLine, countTests } from "../scripts/count-tests.mjs";
import { root } from "../scripts/process.mjs";
import { checkNode, isInstalled } from "../scripts/setup.mjs";
import { findTools, remedy, toolVariables } from "../scripts/tools.mjs";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-scripts-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe("the version of Node", () => {
  test.each(["20.19.0", "20.20.2", "22.0.0", "24.1.0"])("%s will do", (version) => {
    expect(() => checkNode(version, ">=20.19")).not.toThrow();
  });

  test.each(["18.20.0", "20.9.0", "20.18.3"])("%s is refused in one sentence", (version) => {
    expect(() => checkNode(version, ">=20.19")).toThrow(
      `Sluice needs Node 20.19 or newer; this is Node ${version}.`,
    );
  });
});

describe("the installed packages", () => {
  const write = (path: string, packages: object): void =>
    writeFileSync(join(folder, path), JSON.stringify({ packages }));
  const wanted = {
    "": { name: "all" },
    "packages/a": { version: "1.0.0" },
    "node_modules/@x/a": { resolved: "packages/a", link: true },
    "node_modules/b": { version: "1.0.0" },
    "node_modules/c-for-another-platform": { version: "1.0.0", optional: true },
  };

  beforeEach(() => {
    mkdirSync(join(folder, "node_modules"));
    write("package-lock.json", wanted);
  });

  test("are missing in a fresh clone", () => {
    expect(isInstalled(folder)).toBe(false);
  });

  test("are there when npm's record agrees with the lock file", () => {
    const { "node_modules/c-for-another-platform": _, ...installed } = wanted;
    write("node_modules/.package-lock.json", installed);
    expect(isInstalled(folder)).toBe(true);
  });

  test.each([
    ["a package", { ...wanted, "node_modules/b": undefined }],
    ["a version", { ...wanted, "node_modules/b": { version: "1.0.1" } }],
    ["a workspace", { ...wanted, "node_modules/@x/a": undefined }],
  ])("are out of date when %s differs", (_, installed) => {
    write("node_modules/.package-lock.json", installed);
    expect(isInstalled(folder)).toBe(false);
  });
});

describe("the programs that tests need", () => {
  const browser = {
    name: "Browser",
    variable: "BROWSER_PATH",
    absent: "SLUICE_NO_BROWSER",
    debian: "a-browser",
    places: ["no-such-browser", "a-browser"],
  };
  let program: string;

  beforeEach(() => {
    program = join(folder, "a-browser");
    writeFileSync(program, "");
    chmodSync(program, 0o755);
  });

  test("are looked up in PATH", () => {
    expect(toolVariables({ PATH: `/nowhere:${folder}` }, [browser])).toEqual({
      BROWSER_PATH: program,
    });
  });

  test("are taken from their variable first", () => {
    const own = join(folder, "own");
    writeFileSync(own, "");
    chmodSync(own, 0o755);
    const env = { PATH: folder, BROWSER_PATH: own };
    expect(findTools(env, [browser]).found).toEqual({ BROWSER_PATH: own });
  });

  test("are not replaced when their variable names none", () => {
    const env = { PATH: folder, BROWSER_PATH: join(folder, "gone") };
    expect(findTools(env, [browser])).toEqual({ found: {}, missing: [browser] });
  });

  test("are not a folder or a file that can't run", () => {
    rmSync(program);
    mkdirSync(program);
    expect(findTools({ PATH: folder }, [browser]).missing).toEqual([browser]);
  });

  test("may be missing, and are skipped, except in CI", () => {
    expect(toolVariables({ PATH: "/nowhere" }, [browser])).toEqual({ SLUICE_NO_BROWSER: "1" });
    expect(toolVariables({ PATH: "/nowhere", CI: "true" }, [browser])).toEqual({});
  });

  test("are asked for in one line", () => {
    expect(remedy(browser)).toBe(
      "Browser is missing: install it (Debian, Ubuntu: the package a-browser) or set BROWSER_PATH to its path.",
    );
  });
});

describe("the closing line of a run", () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((result) => ({ status: result })),
  });

  test("counts tests", () => {
    const report = {
      testResults: [
        file("passed", "passed", "passed", "skipped"),
        file("failed", "passed", "failed"),
      ],
    };
    expect(closingLine(countTests(report, 1))).toBe("3 passed, 1 failed, 1 skipped");
  });

  test("leaves out what is zero, but for the two that count", () => {
    expect(closingLine(countTests({ testResults: [file("passed", "passed")] }, 0))).toBe(
      "1 passed, 0 failed",
    );
  });

  test("counts a file that fails without a failed test", () => {
    const report = {
      testResults: [file("passed", "passed"), file("failed"), file("failed", "passed")],
    };
    expect(countTests(report, 1).failed).toBe(2);
  });

  test("counts a run that fails without a failed test, as by an error that nobody caught", () => {
    expect(countTests({ testResults: [file("passed", "passed")] }, 1).failed).toBe(1);
  });

  test("is a failure when there is no report, or no test in it", () => {
    expect(countTests(undefined, 1).failed).toBe(1);
    expect(countTests({ testResults: [] }, 0).failed).toBe(1);
  });
});

describe("a program that a script runs", () => {
  const module = JSON.stringify(pathToFileURL(join(root, "scripts/process.mjs")).href);
  /** A script that runs Node with `code`. */
  const script = (code: string): ReturnType<typeof spawn> => {
    const args = JSON.stringify(["-e", code]);
    const main = `import { run, start } from ${module}; await start(() => run(process.execPath, ${args}));`;
    return spawn(process.execPath, ["--input-type=module", "-e", main], {
      stdio: ["ignore", "pipe", 2],
    });
  };

  test("passes its exit code on", async () => {
    const [code] = (await once(script("process.exit(7)"), "close")) as [number];
    expect(code).toBe(7);
  });

  test.each(["SIGTERM", "SIGINT"] as const)("gets %s, and ends in its own time", async (signal) => {
    const child = script(
      `process.on("${signal}", () => setImmediate(() => { console.log("closed"); process.exit(3); }));
       setInterval(() => {}, 1000); console.log("ready");`,
    );
    const output = child.stdout!;
    const [ready] = (await once(output, "data")) as [Buffer];
    expect(String(ready)).toBe("ready\n");
    child.kill(signal);
    const [rest, [code]] = await Promise.all([text(output), once(child, "close")]);
    expect(rest).toBe("closed\n");
    expect(code).toBe(3);
  });

  test("gets one signal for two that come together", async () => {
    const child = script(
      `const end = (name) => { console.log(name); setTimeout(() => process.exit(0), 50); };
       process.on("SIGINT", end); process.on("SIGTERM", end);
       setInterval(() => {}, 1000); console.log("ready");`,
    );
    await once(child.stdout!, "data");
    child.kill("SIGINT");
    child.kill("SIGTERM");
    const output = await text(child.stdout!);
    expect(["SIGINT\n", "SIGTERM\n"]).toContain(output);
  });

  test("leaves nothing behind when a launcher in between dies of the signal", async () => {
    // The launcher waits without handling signals, as one that uses execFileSync does.
    const child = script(
      `require("child_process").execFileSync(process.execPath, ["-e",
        "console.log(1); setInterval(() => {}, 1000)"], { stdio: "inherit" });`,
    );
    await once(child.stdout!, "data");
    child.kill("SIGTERM");
    // The output ends when the last process that holds it does.
    const [rest, [code]] = await Promise.all([text(child.stdout!), once(child, "close")]);
    expect(rest).toBe("");
    expect(code).toBe(128 + constants.signals.SIGTERM);
  });
});
