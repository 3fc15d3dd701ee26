import { expect, test } from "vitest";
import { start } from "../test/program.js";
import { begin, startRaw, startServer } from "../test/server.js";

const publish = (url: string, text: string): Promise<Response> =>
  fetch(`${url}/news`, { method: "POST", body: text, headers: { "content-type": "text/plain" } });

test("a channel gives a position; after the server's restart it goes on, and what is missing is told", async () => {
  const first = await startServer();
  const running = start(["tail", "--json", `${first.url}/news`]);
  await running.until("stderr", /\* position 1\.\S+\.0\n/);
  await publish(first.url, "one");
  await running.until("stdout", /"data":"one"/);
  await first.close();
  await running.until("stderr", /\* lost: the server ended it; again in \d.* m?s\n/);
  const second = await startServer(first.port);
  await running.until("stderr", /\* open again, after 1\.\S+\.1\n/);
  await running.until(
    "stderr",
    /\* reset: unknown: the last id is of another history; .*, in news\n/,
  );
  await publish(second.url, "two");
  await running.until("stdout", /"data":"two"/);
  running.child.kill("SIGINT");
  const { stdout, stderr } = await running.ended;
  expect(stdout.trimEnd().split("\n")).toHaveLength(2);
  expect(stderr).toMatch(/\n1 reconnect\n1 reset\nlast id 1\./);
});

test("it comes back with the last id, and neither loses nor doubles an event", async () => {
  const asked: (string | undefined)[] = [];
  const url = await startRaw((request, response) => {
    const last = request.headers["last-event-id"] as string | undefined;
    asked.push(last);
    const next = Number(last ?? 0) + 1;
    begin(response, `retry: 10\nid: ${next}\ndata: ${next}\n\n`);
    if (next === 3) response.end('event: sluice.end\ndata: {"outcome":"done"}\n\n');
    else response.end();
  });
  const running = start(["tail", "--until-complete", "--time", "none", url]);
  const { code, stdout, stderr } = await running.ended;
  expect(asked).toEqual([undefined, "1", "2"]);
  expect(stdout).toBe("message   1     1\nmessage   2     2\nmessage   3     3\n");
  expect(stderr.match(/^\* lost: /gm)).toHaveLength(2);
  expect(stderr).toMatch(/\ncomplete\n3 events[^]*\n2 reconnects\n$/);
  expect(code).toBe(0);
});

test("a slow reader slows the server down, and memory does not grow", async () => {
  let written = 0;
  const line = `data: ${"x".repeat(10_000)}\n\n`;
  let jam!: () => void;
  const jammed = new Promise<void>((resolve) => (jam = resolve));
  const url = await startRaw((_, response) => {
    begin(response, "");
    const fill = (): void => {
      while (written < 500_000_000) {
        written += line.length;
        if (response.write(line)) continue;
        response.once("drain", fill);
        clearTimeout(timer);
        // No room for a whole second: whoever reads does not go on.
        timer = setTimeout(jam, 1_000);
        return;
      }
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    fill();
  });
  const running = start(["tail", url]);
  running.child.stdout!.pause();
  await jammed;
  expect(written).toBeLessThan(50_000_000);
});
