import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { sluice } from "../test/program.js";
import { begin, startRaw, startServer } from "../test/server.js";

const TIME = String.raw`\d\d:\d\d:\d\d\.\d{3}`;

test("one line an event on stdout, everything else on stderr", async () => {
  const { url } = await startServer();
  const { code, stdout, stderr } = await sluice(["tail", `${url}/three`]);
  expect(stdout).toMatch(
    new RegExp(
      [
        `^${TIME}  tick  1     {"n":1,"at":"2020-01-01T00:00:00Z"}`,
        String.raw`${TIME}  message   2     two\\nlines`,
        String.raw`${TIME}  tock      3     \[3\]\n$`,
      ].join("\n"),
    ),
  );
  expect(stderr).toMatch(new RegExp(`^${TIME}  \\* open: ${url}/three\n\ncomplete\n3 events, `));
  expect(stderr).toMatch(/\nfirst byte .+ ms, first event .+ ms\ngaps p50 .+, p95 .+, max .+\n$/);
  expect(code).toBe(0);
});

test("--json prints a line of JSON an event, and nothing else, through a pipe", async () => {
  const { url } = await startServer();
  const { stdout } = await sluice(["tail", "--json", `${url}/three`]);
  const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  const lines = stdout.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { event: "tick", id: "1", data: { n: 1, at: "2020-01-01T00:00:00Z" }, time },
    { event: "message", id: "2", data: "two\nlines", time },
    { event: "tock", id: "3", data: [3], time },
  ]);
});

test("--quiet leaves stderr empty where all is well", async () => {
  const { url } = await startServer();
  expect((await sluice(["tail", "-q", `${url}/three`])).stderr).toBe("");
  expect((await sluice(["tail", "-q", `${url}/secret`])).stderr).toMatch(/^sluice: refused: 401/);
});

test("--event shows the events of these names only, and --count counts those", async () => {
  const { url } = await startServer();
  const names = async (...args: string[]): Promise<string[]> => {
    const { stdout } = await sluice(["tail", "--time", "none", ...args, `${url}/three`]);
    return [...stdout.matchAll(/^\w+/gm)].map(([name]) => name);
  };
  expect(await names("-e", "tock")).toEqual(["tock"]);
  expect(await names("-e", "tock", "--event", "message")).toEqual(["message", "tock"]);
  expect(await names("-n", "1", "-e", "message", "-e", "tock")).toEqual(["message"]);
});

test("--last-event-id resumes, and what was done last is told where it goes on", async () => {
  const { url } = await startServer();
  const { stdout, stderr } = await sluice([
    "tail",
    "-j",
    "-n",
    "1",
    "--last-event-id",
    "1",
    `${url}/three`,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ id: "2" });
  expect(stderr).toContain("three, after 1\n");
  expect(stderr).toMatch(/\nlast id 2\n$/);
});

test("--pretty prints data on lines of its own", async () => {
  const { url } = await startServer();
  const args = ["tail", "--pretty", "--time", "none", "--last-event-id", "1", `${url}/three`];
  expect((await sluice(args)).stdout).toBe(
    "message   2\n  two\n  lines\ntock      3\n  [\n    3\n  ]\n",
  );
});

test("--raw prints the stream byte by byte, comments and broken letters included", async () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x1b, 0x5b]);
  const body = Buffer.concat([
    Buffer.from(": hi\nretry: 50\n\nid: 1\ndata: "),
    bytes,
    Buffer.from('\n\nevent: sluice.end\nid: 1#end\ndata: {"outcome":"done"}\n\n'),
  ]);
  const url = await startRaw((_, response) => {
    begin(response, "");
    response.end(body);
  });
  const { stdout, code } = await sluice(["tail", "--raw", url]);
  expect(stdout).toBe(body.toString());
  expect(code).toBe(0);
});

test("--header sends headers; a name and password in the URL become one", async () => {
  const { url } = await startServer();
  const data = async (...args: string[]): Promise<unknown> =>
    (JSON.parse((await sluice(["tail", "-j", ...args])).stdout) as { data: unknown }).data;
  expect(
    await data(`${url}/headers`, "-H", "X-A: a:b", "--header", "Authorization: Bearer t"),
  ).toEqual({ authorization: "Bearer t", a: "a:b" });
  const authorization = `Basic ${Buffer.from("ann:pw").toString("base64")}`;
  expect(await data(`${url.replace("//", "//ann:pw@")}/headers`)).toEqual({ authorization });
});

describe("--post sends", () => {
  const echo = async (args: string[], input = ""): Promise<unknown> => {
    const { url } = await startServer();
    const { stdout } = await sluice(["tail", "-j", ...args, `${url}/echo`], { input });
    return (JSON.parse(stdout) as { data: unknown }).data;
  };

  test("what stands there: JSON as JSON, all else as text", async () => {
    const json = { body: { a: 1 }, type: "application/json" };
    expect(await echo(["--post", '{"a":1}'])).toEqual(json);
    const plain = { body: "hello é", type: "text/plain;charset=UTF-8" };
    expect(await echo(["-d", "hello é"])).toEqual(plain);
  });

  test("what another header says of it", async () => {
    const type = "text/plain";
    expect(await echo(["-d", '{"a":1}', "-H", `Content-Type: ${type}`])).toEqual({
      body: '{"a":1}',
      type,
    });
  });

  test("a file, and stdin", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-cli-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "body.json");
    writeFileSync(file, "[1]");
    expect(await echo(["-d", `@${file}`])).toMatchObject({ body: [1] });
    expect(await echo(["-d", "-"], '{"from":"stdin"}')).toMatchObject({ body: { from: "stdin" } });
  });
});

test("--method names the method", async () => {
  const url = await startRaw((request, response) => {
    begin(response, "");
    response.end(`data: ${request.method ?? ""}\n\n`);
  });
  const { stdout } = await sluice(["tail", "-j", "-X", "put", url]);
  expect(JSON.parse(stdout)).toMatchObject({ data: "PUT" });
});

test("--latency-field measures from an event's own time, and says so where there is none", async () => {
  const url = await startRaw((_, response) => {
    begin(response, "");
    response.end(`data: {"at":${Date.now() - 5_000}}\n\n`);
  });
  const args = ["tail", "--no-reconnect", "--time", "none", url];
  const { stdout, stderr } = await sluice([...args, "--latency-field", "data.at"]);
  expect(stdout).toMatch(/^ +[5-9](\.\d)? s {2}message/m);
  expect(stderr).toMatch(/\nlatency p50 [5-9](\.\d)? s, p95 .* s, max .* s\n/);
  const { stderr: without } = await sluice([...args, "--latency-field", "data.sent.at"]);
  expect(without).toContain("\nlatency: no event has a time in data.sent.at\n");
});

test("--time says what stands before an event", async () => {
  const { url } = await startServer();
  const first = async (form: string): Promise<string> =>
    (await sluice(["tail", "--time", form, "-n", "2", `${url}/three`])).stdout.split("\n")[1]!;
  expect(await first("iso")).toMatch(/^\d{4}-\d\d-\d\dT\S+Z {2}message/);
  expect(await first("delta")).toMatch(/^ {2}\+0\.\d{3} {2}message/);
  expect(await first("none")).toMatch(/^message/);
});

test("--color, FORCE_COLOR and NO_COLOR decide about colours", async () => {
  const { url } = await startServer();
  const isColoured = async (args: string[], env: Record<string, string> = {}): Promise<boolean> => {
    const { stdout, stderr } = await sluice(["tail", ...args, `${url}/three`], { env });
    expect(stdout.includes("\u001b[")).toBe(stderr.includes("\u001b["));
    return stdout.includes("\u001b[");
  };
  expect(await isColoured([])).toBe(false);
  expect(await isColoured(["--color", "always"], { NO_COLOR: "1" })).toBe(true);
  expect(await isColoured([], { FORCE_COLOR: "1" })).toBe(true);
  expect(await isColoured(["--color=never"], { FORCE_COLOR: "1" })).toBe(false);
});

test("a stream's attack on the terminal does nothing: in data, names, ids, refusals and types", async () => {
  const evil = "\u001b]0;x\u0007\u009b2J\u202e\u001b[31m";
  const url = await startRaw((request, response) => {
    if (request.url === "/refused") {
      const body = `no: ${evil}`;
      response.writeHead(403, { "content-length": Buffer.byteLength(body) }).end(body);
    } else if (request.url === "/type") {
      response.writeHead(200, { "content-type": "text/x\u009b2J" }).end("x");
    } else {
      begin(response, `event: ${evil}\nid: ${evil}\ndata: ${evil}\ndata: ${evil}\n\n`);
      const reset = JSON.stringify({ channels: [evil], reason: evil });
      response.write(`event: sluice.reset\nid: ${evil}\ndata: ${reset}\n\n`);
      response.end(`event: sluice.position\nid: ${evil}\ndata: {}\n\n`);
    }
  });
  for (const path of ["/refused", "/type", "/"]) {
    const forms = ["--full", "--pretty", "--json"];
    const runs = forms.map((form) => sluice(["tail", "--no-reconnect", form, url + path]));
    for (const { stdout, stderr } of await Promise.all(runs)) {
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(stdout + stderr).toMatch(/2J/);
    }
  }
});

test("what is secret is in no error: of headers, of the query, of the password", async () => {
  const { url } = await startServer();
  const { stderr } = await sluice([
    "tail",
    "-H",
    "Authorization: Bearer abcdef.12345",
    `${url.replace("//", "//ann:hunter22@")}/secret?token=my-token`,
  ]);
  expect(stderr).toBe(
    'sluice: refused: 401 Unauthorized: {"statusCode":401,"error":"Unauthorized","message":"not with ***"}\n',
  );
  const unreachable = "http://ann:hunter22@127.0.0.1:2/?token=my-token";
  const gone = await sluice([
    "tail",
    "--max-attempts",
    "2",
    "-H",
    "X-Key: abcdef.12345",
    unreachable,
  ]);
  expect(gone.stderr).toMatch(
    /not reached: .*refused; again in .*\nsluice: given up: .*refused\n$/,
  );
  expect(gone.stderr).not.toMatch(/hunter22|my-token|abcdef/);
});

test("--help tells every option, --version the version", async () => {
  expect((await sluice(["--help"])).stdout).toContain("Usage: sluice tail [options] URL");
  expect((await sluice(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
