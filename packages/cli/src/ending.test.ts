import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { shell, SLUICE, sluice, start } from "../test/program.js";
import { begin, startRaw, startServer } from "../test/server.js";

const END = 'event: sluice.end\ndata: {"outcome":"done"}\n\n';

/** A server that tells when its clients have left. */
async function startEndless(text: string): Promise<{ url: string; left: Promise<unknown> }> {
  let leave!: (value: unknown) => void;
  const left = new Promise((resolve) => (leave = resolve));
  const url = await startRaw((_, response) => {
    begin(response, text);
    void once(response, "close").then(leave);
  });
  return { url, left };
}

const codeOf = async (...args: string[]): Promise<number | null> =>
  (await sluice(["tail", ...args])).code;

describe("0:", () => {
  test("the stream is complete, by its frame or by a 204", async () => {
    const { url } = await startServer();
    expect(await codeOf(`${url}/three`)).toBe(0);
    expect(await codeOf(`${url}/three`, "--until-complete")).toBe(0);
    expect(await codeOf(`${url}/three`, "--last-event-id", "3#end", "--until-complete")).toBe(0);
  });

  test("the stream is complete, and there is nothing to show", async () => {
    const { url } = await startServer();
    const { stdout, stderr } = await sluice(["tail", "--last-event-id", "3#end", `${url}/three`]);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^complete$/m);
  });

  test("--count is reached, and the connection is closed", async () => {
    const { url, left } = await startEndless("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    const { code, stdout } = await sluice(["tail", "-n", "2", "--time", "none", url]);
    expect([code, stdout]).toEqual([0, "message   1\nmessage   2\n"]);
    await expect(left).resolves.toBeDefined();
  });

  test("the response has ended in good order, and nobody asked to come back", async () => {
    const url = await startRaw((_, response) => {
      begin(response, "data: 1\n\n");
      response.end();
    });
    const { code, stderr } = await sluice(["tail", "-d", "{}", url]);
    expect(code).toBe(0);
    expect(stderr).toContain("\nended\n");
  });

  test("the reader has left: the connection is closed, and nothing is said", async () => {
    const { url } = await startServer();
    const { ended } = shell(`${SLUICE} tail ${url}/endless | head -1; echo "\${PIPESTATUS[@]}"`);
    const { stdout, stderr } = await ended;
    expect(stdout).toMatch(/^\S+ {2}tick .*\n0 0\n$/);
    expect(stderr).toMatch(/^\S+ {2}\* open: \S+\n$/);
  });
});

describe("1:", () => {
  test("the server refuses", async () => {
    const { url } = await startServer();
    const { code, stderr } = await sluice(["tail", `${url}/nowhere`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sluice: refused: 404 Not Found: \{"message":"Route GET:\/nowhere/);
  });

  test("the answer is no stream", async () => {
    const url = await startRaw((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end("<p>");
    });
    const { code, stderr } = await sluice(["tail", url]);
    expect(code).toBe(1);
    expect(stderr).toBe("sluice: refused: no stream of events, but text/html (200 OK)\n");
  });

  test("the output can't be written", async () => {
    const { url } = await startServer();
    const { ended } = shell(`${SLUICE} tail -q ${url}/endless -n 1 > /dev/full; echo $?`);
    const { stdout, stderr } = await ended;
    expect(stdout).toBe("1\n");
    expect(stderr).toMatch(/^sluice: the output can't be written: .*ENOSPC/);
  });
});

test("2: the command is wrong", async () => {
  const { code, stdout, stderr } = await sluice(["tail", ":1", "--count", "many"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toBe("sluice: --count: expected a number from 1\nTry: sluice --help\n");
  expect(await codeOf()).toBe(2);
  expect(await codeOf(":1", "-d", "@/nowhere/at/all")).toBe(2);
});

describe("3:", () => {
  test("the stream is complete before --count is reached", async () => {
    const { url } = await startServer();
    const { code, stderr } = await sluice(["tail", "-n", "1", "-e", "ready", `${url}/three`]);
    expect(code).toBe(3);
    expect(stderr).toContain("complete after 0 of 1 events");
  });

  test("nobody is there, --max-attempts times", async () => {
    const { code, stderr } = await sluice(["tail", "--max-attempts", "2", "http://127.0.0.1:2"]);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^\S+ {2}\* not reached: connection refused; again in .+\nsluice: given up: connection refused\n$/,
    );
  });

  test("the connection was cut, with --no-reconnect", async () => {
    const url = await startRaw((_, response) => {
      begin(response, "data: 1\n\n");
      response.write("data: 2\n\n", () => response.destroy());
    });
    const { code, stderr } = await sluice(["tail", "--no-reconnect", url]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/sluice: given up: the connection was cut\n$/);
  });

  test("the server is in trouble, with --no-reconnect", async () => {
    const url = await startRaw((_, response) => response.writeHead(503).end());
    const { code, stderr } = await sluice(["tail", "--no-reconnect", url]);
    expect([code, stderr]).toEqual([3, "sluice: given up: 503 Service Unavailable\n"]);
  });

  test("--silence has passed, with --no-reconnect", async () => {
    const { url } = await startEndless("data: 1\n\n");
    const args = ["tail", "--silence", "300ms", "--no-reconnect", url];
    const { code, stderr } = await sluice(args);
    expect(code).toBe(3);
    expect(stderr).toMatch(/sluice: given up: nothing was heard, not even a keep-alive\n$/);
  });

  test("--until-complete: the response has ended in good order, but is not complete", async () => {
    const url = await startRaw((_, response) => {
      begin(response, "data: 1\n\n");
      response.end();
    });
    const { code, stderr } = await sluice(["tail", "--until-complete", "--no-reconnect", url]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/sluice: it ended before it was complete\n$/);
  });
});

test("4: --timeout has passed; what was read is there", async () => {
  const { url } = await startEndless("data: 1\n\n");
  const { code, stdout, stderr } = await sluice(["tail", "--timeout", "2s", "-j", url]);
  expect(code).toBe(4);
  expect(JSON.parse(stdout)).toMatchObject({ data: 1 });
  expect(stderr).toMatch(/\n1 event, [^]*sluice: timeout after 2 s\n$/);
});

test("4: a reader that does not read is not waited for", async () => {
  const { url } = await startEndless(`data: ${"x".repeat(1_000_000)}\n\n`.repeat(3));
  const running = start(["tail", "--timeout", "1s", url]);
  running.child.stdout!.pause();
  const [code] = (await once(running.child, "exit")) as [number];
  expect(code).toBe(4);
});

test("5: the server says that the stream has failed", async () => {
  const { url } = await startServer();
  const { code, stdout, stderr } = await sluice(["tail", "-j", `${url}/failing`]);
  expect(code).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({ id: "1" });
  expect(stderr).toMatch(/sluice: failed: the server says that it failed/);
});

describe.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s", (signal, code) => {
  test("ends it with that signal, after the summary; the connection is closed", async () => {
    const { url, left } = await startEndless("id: 7\ndata: 1\n\n");
    const running = start(["tail", url]);
    await running.until("stdout", /message/);
    running.child.kill(signal);
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: null, signal });
    expect(ended.stderr).toMatch(/\n1 event, [^]*\nlast id 7\n$/);
    await left;
  });

  test(`is ${code} to a shell`, async () => {
    const { url } = await startEndless("data: 1\n\n");
    const line = `${SLUICE} tail ${url} & read -r _; kill -s ${signal} $!; wait $!; echo "code $?"`;
    const running = shell(`set -m; ${line}`);
    await running.until("stdout", /message/);
    running.child.stdin!.end("\n");
    expect((await running.ended).stdout).toMatch(new RegExp(`code ${code}\n$`));
  });

  test("ends it while it waits for the next attempt", async () => {
    const running = start(["tail", "http://127.0.0.1:2"]);
    await running.until("stderr", /again in/);
    running.child.kill(signal);
    expect((await running.ended).signal).toBe(signal);
  });
});

test("the end comes when it is told, though the response stays open", async () => {
  const { url, left } = await startEndless(`data: 1\n\n${END}`);
  expect(await codeOf(url)).toBe(0);
  await left;
});
