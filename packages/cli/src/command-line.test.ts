import { describe, expect, test } from "vitest";
import { parseCommandLine, type TailSettings } from "./command-line.js";
import { UsageError } from "./usage-error.js";

function settings(...args: string[]): TailSettings {
  const command = parseCommandLine(["tail", ...args]);
  if (command.name !== "tail") throw new Error(command.name);
  return command.settings;
}

function refusal(...args: string[]): string {
  try {
    parseCommandLine(args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("a URL alone is a GET that is followed until it is complete", () => {
  expect(settings("http://a.example/b?c=d#e")).toMatchObject({
    url: "http://a.example/b?c=d",
    shown: "http://a.example/b?...",
    method: "GET",
    headers: [],
    post: undefined,
    lastEventId: "",
    events: undefined,
    form: "line",
    time: "clock",
    count: Infinity,
    timeout: undefined,
    untilComplete: false,
    reconnect: true,
    silence: undefined,
    latencyField: undefined,
    colour: "auto",
    quiet: false,
  });
});

test.each([
  ["localhost:3000/news", "http://localhost:3000/news"],
  [":3000/news", "http://localhost:3000/news"],
  ["example.org", "http://example.org/"],
  ["HTTPS://example.org/a b", "https://example.org/a%20b"],
])("%s is %s", (text, url) => {
  expect(settings(text).url).toBe(url);
});

test("a name and password in the URL become a header, as with curl; a header of one's own wins", () => {
  expect(settings("http://ann:p%40ss@a.example/")).toMatchObject({
    url: "http://a.example/",
    shown: "http://a.example/",
    headers: [["Authorization", `Basic ${Buffer.from("ann:p@ss").toString("base64")}`]],
  });
  const own = settings("http://ann:pass@a.example/", "-H", "authorization: Bearer x");
  expect(own.headers).toEqual([["authorization", "Bearer x"]]);
});

test("headers are repeatable, may hold colons, and are UTF-8 on the wire", () => {
  expect(settings(":1", "-H", "X-A: b:c", "--header=X-A:", "-HX-B: é").headers).toEqual([
    ["X-A", "b:c"],
    ["X-A", ""],
    ["X-B", "Ã©"],
  ]);
});

test("a body makes it a POST, which is not repeated unless that is asked for", () => {
  expect(settings(":1", "-d", "{}")).toMatchObject({
    method: "POST",
    post: "{}",
    reconnect: false,
  });
  expect(settings(":1", "--post", "", "-X", "put")).toMatchObject({ method: "PUT", post: "" });
  expect(settings(":1", "-d-", "--reconnect")).toMatchObject({ post: "-", reconnect: true });
  expect(settings(":1", "-d", "-", "--max-attempts", "3").reconnect).toEqual({ maxAttempts: 3 });
  expect(settings(":1", "--no-reconnect").reconnect).toBe(false);
});

test.each([
  ["30s", 30_000],
  ["30", 30_000],
  ["500ms", 500],
  ["1.5m", 90_000],
  ["2h", 7_200_000],
])("a time of %s is %d ms", (text, ms) => {
  expect(settings(":1", "--timeout", text).timeout).toBe(ms);
});

test("a silence of nought is never too long", () => {
  expect(settings(":1", "--silence", "0").silence).toBe(false);
  expect(settings(":1", "--silence", "1m").silence).toBe(60_000);
});

test("the rest is taken as it is", () => {
  const all = settings(
    ":1",
    "-e",
    "a",
    "--event=b",
    "-jqn5",
    "--last-event-id=1.a",
    "--latency-field=data.meta.at",
    "--color=never",
    "--time=iso",
  );
  expect(all).toMatchObject({
    events: new Set(["a", "b"]),
    form: "json",
    count: 5,
    lastEventId: "1.a",
    quiet: true,
    latencyField: ["meta", "at"],
    colour: "never",
    time: "iso",
  });
});

test("help and version need nothing else", () => {
  expect(parseCommandLine(["--help"])).toEqual({ name: "help" });
  expect(parseCommandLine(["tail", "-h"])).toEqual({ name: "help" });
  expect(parseCommandLine(["help"])).toEqual({ name: "help" });
  expect(parseCommandLine(["--version"])).toEqual({ name: "version" });
});

describe("a wrong command is refused with what is wrong:", () => {
  test.each([
    [[], /no command/],
    [["http://a.example"], /one command: tail/],
    [["tail"], /no URL/],
    [["tail", ":1", ":2"], /more than one URL/],
    [["tail", "ftp://a.example"], /http or https/],
    [["tail", "http://"], /URL can't be read/],
    [["tail", ":1", "--nonsense"], /Unknown option '--nonsense'/],
    [["tail", ":1", "-n"], /-n, --count <value>' argument missing/],
    [["tail", ":1", "-d", "-x"], /'-d' argument is ambiguous/],
    [["tail", ":1", "-n", "0"], /--count: expected a number from 1/],
    [["tail", ":1", "--max-attempts", "x"], /--max-attempts: expected a number/],
    [["tail", ":1", "--timeout", "soon"], /--timeout: expected a time/],
    [["tail", ":1", "--timeout", "25000h"], /--timeout: .* at most 24 days/],
    [["tail", ":1", "--time", "noon"], /--time: expected clock, iso, delta, none/],
    [["tail", ":1", "--color", "red"], /--color: expected auto, always, never/],
    [["tail", ":1", "--json", "--pretty"], /--pretty and --json exclude each other/],
    [["tail", ":1", "--raw", "-n", "1"], /--raw .* --count/],
    [["tail", ":1", "--raw", "-e", "a"], /--raw .* --event/],
    [["tail", ":1", "--until-complete", "-n", "1"], /--until-complete and --count exclude/],
    [["tail", ":1", "--no-reconnect", "--max-attempts", "1"], /--no-reconnect and --max-attempts/],
    [["tail", ":1", "-X", "GET", "-d", "x"], /GET has no body/],
    [["tail", ":1", "-X", "a b"], /--method/],
    [["tail", ":1", "--last-event-id", "a\nb"], /--last-event-id: .* control characters/],
    [["tail", ":1", "--latency-field", "at"], /path that begins with data/],
    [["tail", ":1", "--latency-field", "data..at"], /path that begins with data/],
    [["tail", ":1", "-H", "X-A: 1", "-H", "a secret without a colon"], /--header, number 2/],
    [["tail", ":1", "-H", "X A: secret"], /--header, number 1/],
    [["tail", ":1", "-H", "X-A: secret\u0000"], /--header, number 1/],
  ] as [string[], RegExp][])("%j", (args, message) => {
    expect(refusal(...args)).toMatch(message);
    expect(refusal(...args)).not.toContain("secret");
  });
});

test("what is secret is taken out of what others say", () => {
  const { hide } = settings(
    "http://ann:hunter22@a.example/?token=query%20value",
    "-H",
    "Authorization: Bearer abcdef.123",
    "-H",
    "X-Short: de",
  );
  expect(hide("a hunter22 b abcdef.123 c query value d query%20value e code de")).toBe(
    "a *** b *** c *** d *** e code de",
  );
});
