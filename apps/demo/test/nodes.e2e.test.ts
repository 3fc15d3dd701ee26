import { once } from "node:events";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type EventsOf } from "@sluice/client";
import { type Cluster, startCluster } from "../../../scripts/nodes/cluster.mjs";
import type { RoomsController } from "../server/examples/rooms.controller.js";
import { noBrowser } from "./gallery.js";
import { post } from "./read-stream.js";

type RoomEvents = EventsOf<RoomsController["join"]>;

const noRedis = process.env["SLUICE_NO_REDIS"] === "1";
if (noRedis || noBrowser) {
  console.warn("Skipped: the demo on several nodes needs redis-server and Chromium.");
}

describe.skipIf(noRedis || noBrowser)("the demo on two nodes", { timeout: 60_000 }, () => {
  let cluster: Cluster;
  let browser: Browser;
  beforeAll(async () => {
    const { PATH } = process.env;
    // They stay away: what goes on does so on the other.
    cluster = await startCluster({
      names: ["A", "B"],
      port: 0,
      comeBack: 3_600_000,
      env: { PATH },
    });
    const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium-headless-shell";
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await cluster?.stop();
  });

  /** The address of a node itself, past the port before them. */
  const direct = (name: string): string => {
    const { port } = cluster.nodes.find((node) => node.name === name)!;
    return `http://127.0.0.1:${String(port)}`;
  };
  const other = (name: string): string => (name === "A" ? "B" : "A");

  const say = async (node: string, text: string): Promise<void> => {
    const answer = await post(`${direct(node)}/rooms/lock/messages`, { name: "Grace", text });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-node")).toBe(node);
  };
  const waitFor = async (page: Page, selector: string, text: string): Promise<void> => {
    await page.locator(selector).filter({ hasText: text }).first().waitFor();
  };

  test("a page goes on with the other node when its own is killed, with every message once", async () => {
    const page = await browser.newPage();
    await page.goto(cluster.url);
    await page.locator("#nodes .nodes-node").nth(1).waitFor();
    await page.click("#room .button-main");
    const onWhich = page.locator("#room .strip-node b");
    await onWhich.waitFor();
    const node = (await onWhich.textContent())!.replace("node ", "");
    const others = other(node);
    await waitFor(page, "#room .room-here", "Ada");

    // A second visitor, with the typed client, on the same node.
    const texts: string[] = [];
    const moves: string[] = [];
    const served: (string | null)[] = [];
    using client = connect<RoomEvents>(`${cluster.url}/rooms/lock?name=Ida`, {
      fetch: async (input, init) => {
        // Until its own node is gone it stays with it.
        const url = served.length === 0 ? String(input).replace(cluster.url, direct(node)) : input;
        const response = await fetch(url, init);
        served.push(response.headers.get("x-node"));
        return response;
      },
      reconnect: { delay: 50, maxDelay: 200 },
    });
    client.on("message", ({ text }) => texts.push(text));
    client.on("came", ({ name }) => moves.push(`${name} came`));
    client.on("left", ({ name }) => moves.push(`${name} left`));
    await waitFor(page, "#room .room-here", "Ada, Ida");
    await waitFor(page, "#room .room-listening", "2 connections listen");

    const said: string[] = [];
    const sayNext = async (where: string): Promise<void> => {
      said.push(`message ${said.length + 1}`);
      await say(where, said.at(-1)!);
    };
    for (const where of [node, others, node, others]) await sayNext(where);
    await waitFor(page, "#room .say-text", "message 4");

    const { process: victim } = cluster.nodes.find(({ name }) => name === node)!;
    const ended = once(victim!, "exit");
    await page.click(`#nodes .nodes-kill[aria-label="Kill node ${node}"]`);
    expect((await ended)[1]).toBe("SIGKILL");
    for (let n = 0; n < 20; n++) await sayNext(others);

    await waitFor(page, "#room .strip-node", `node ${others} was ${node}`);
    await sayNext(others);
    await waitFor(page, "#room .say-text", said.at(-1)!);
    expect(await page.locator("#room .say:not(.say-moved) .say-text").allTextContents()).toEqual(
      said,
    );
    await expect.poll(() => texts).toEqual(said);
    expect(new Set(served)).toEqual(new Set([node, others]));
    expect(await page.locator("#room .reset").count()).toBe(0);

    // Once the node is given up, nobody has left: both were back on the other one before.
    const ask = async (path: string) =>
      (await fetch(cluster.url + path)).json() as Promise<unknown>;
    await expect
      .poll(async () => ask("/nodes"), { timeout: 10_000 })
      .toMatchObject({ nodes: [{ name: others }] });
    expect(await ask("/rooms/lock/people")).toEqual({ here: ["Ada", "Ida"], listening: 2 });
    expect(moves.filter((move) => move.endsWith("left"))).toEqual([]);
    await page.close();
  });
});
