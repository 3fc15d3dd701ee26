import { describe, expect, test } from "vitest";
import { noTerminal, startInTerminal } from "../test/program.js";
import { begin, startRaw, startServer } from "../test/server.js";

const ERASE = "\r\u001b[K";
const reason = noTerminal();
if (reason !== undefined) console.log(`The tests in a terminal are skipped: ${reason}.`);

/** What is seen in the end: an erased line is gone. */
const seen = (output: string): string[] =>
  output
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\n]*\r\u001b\[K/g, "")
    .replaceAll(/\u001b\[\d+m/g, "")
    .trimEnd()
    .split("\n");

describe.skipIf(reason !== undefined)("in a terminal", () => {
  test("lines are as wide as the terminal, in colours, and the status line leaves no trace", async () => {
    const { url } = await startServer();
    const running = startInTerminal(["tail", `${url}/endless`, "-n", "60"], { columns: 60 });
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(stdout).toContain("\u001b[2m");
    expect(stdout).toMatch(/open {2}\d.*m?s {2}\d+ events {2}.*\/s/);
    const lines = seen(stdout);
    expect(lines[0]).toMatch(/\* open: /);
    const events = lines.slice(1, 61);
    expect(events.every((line) => /^\S+ {2}tick {2}\d+ +\{"n":\d+,"text":"x+…$/.test(line))).toBe(
      true,
    );
    expect(new Set(events.map((line) => line.length))).toEqual(new Set([60]));
    expect(lines.slice(61).join("\n")).toMatch(/^\n60 events, [^]*\nlast id 60$/);
  });

  test("the status line is made anew at most four times a second, and never wraps", async () => {
    const { url } = await startServer();
    const args = ["tail", "--timeout", "2s", `${url}/endless`];
    const { code, stdout } = await startInTerminal(args, { columns: 40 }).ended;
    expect(code).toBe(4);
    const drawn = [...stdout.matchAll(/\u001b\[2m((?:open|connecting) [^\u001b\n]*)\u001b\[22m/g)];
    const different = new Set(drawn.map(([, text]) => text!));
    expect(different.size).toBeGreaterThan(2);
    expect(different.size).toBeLessThanOrEqual(9);
    expect(Math.max(...[...different].map((text) => text.length))).toBeLessThan(40);
  });

  test("Ctrl-C takes the status line away, shows the summary, and is 130", async () => {
    const { url } = await startServer();
    const running = startInTerminal(["tail", `${url}/endless`]);
    await running.until("stdout", /events {2}/);
    running.child.stdin!.write("\u0003");
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    const end = stdout
      .slice(stdout.lastIndexOf(ERASE) + ERASE.length)
      .replaceAll(/\u001b\[\d+m/g, "");
    expect(end).toMatch(/^\r\n[\d,]+ events, [^]*last id \d+\r\n$/);
  });

  test("nothing is left that has to be put right: no mode, no colour, no hidden cursor", async () => {
    const { url } = await startServer();
    const { stdout } = await startInTerminal(["tail", `${url}/endless`, "-n", "40"]).ended;
    const codes = new Set(
      [...stdout.matchAll(/\u001b\[[^a-zA-Z]*[a-zA-Z]/g)].map(([code]) => code),
    );
    const allowed = /^\u001b\[(K|2m|22m|1m|3[0-7]m|9[0-7]m|39m)$/;
    expect([...codes].filter((code) => !allowed.test(code))).toEqual([]);
    expect(stdout.split(/\u001b\[(?:2|1|3[0-7]|9[0-7])m/)).toHaveLength(
      stdout.split(/\u001b\[(?:22|39)m/).length,
    );
  });

  test("--quiet, and a terminal that knows nothing, have no status line", async () => {
    const { url } = await startServer();
    const quiet = await startInTerminal(["tail", "-q", "-n", "40", `${url}/endless`]).ended;
    expect(seen(quiet.stdout)).toHaveLength(40);
    expect(quiet.stdout).not.toContain(ERASE);
    const args = ["tail", "-n", "40", `${url}/endless`];
    const dumb = await startInTerminal(args, { env: { TERM: "dumb" } }).ended;
    expect(dumb.stdout).not.toContain("\u001b");
  });

  test("--raw is harmless", async () => {
    const url = await startRaw((_, response) => {
      begin(response, "data: \u001b]0;x\u0007\n\n");
      response.end("");
    });
    const { stdout } = await startInTerminal(["tail", "-q", "--raw", "--no-reconnect", url]).ended;
    expect(stdout).toBe("data: \\u001b]0;x\\u0007\r\n\r\n");
  });
});
