import { Channels, MemoryBroker } from "@sluice/core";
import { describe, expect, test } from "vitest";
import { JobsService } from "../examples/jobs.service.js";
import { Rooms } from "../examples/rooms.service.js";
import { JoinedNeighbours } from "./joined-neighbours.js";

// Nodes that share a broker as they share a Redis.
describe.concurrent("two nodes of the demo", () => {
  async function join() {
    const broker = new MemoryBroker();
    const nodes = [new JoinedNeighbours("A", broker), new JoinedNeighbours("B", broker)] as const;
    // Holds the broker, which is closed with its last channels.
    const channels = new Channels({ broker });
    await expect.poll(() => nodes.map(({ living }) => living.length)).toEqual([2, 2]);
    await expect.poll(() => nodes.filter(({ leads }) => leads).length, { timeout: 5000 }).toBe(1);
    return {
      nodes,
      channels,
      async [Symbol.asyncDispose]() {
        await Promise.all(nodes.map(async (node) => node.close()));
        await channels.dispose();
      },
    };
  }

  test("hear what each other shares, once they have caught up", async ({ expect }) => {
    await using joined = await join();
    const [a, b] = joined.nodes;
    const heard: [string, string][] = [];
    const listening = a.share<string>("news", (news, from) => heard.push([news, from]));
    const telling = b.share<string>("news", () => {});
    await listening.caughtUp();
    await telling.tell("one");
    await listening.caughtUp();
    expect(heard).toEqual([["one", b.id]]);
  });

  test("know each other", async ({ expect }) => {
    await using joined = await join();
    const [a, b] = joined.nodes;
    expect(a.living.map(({ name }) => name)).toEqual(["A", "B"]);
    expect(b.living).toEqual(a.living);
    expect([a.lives(b.id), a.lives("nobody")]).toEqual([true, false]);
  });

  test("know who is in a room on either, and have it said once", async ({ expect }) => {
    await using joined = await join();
    const { nodes, channels } = joined;
    const [first, second] = nodes.map((node) => new Rooms(channels, node)) as [Rooms, Rooms];
    const said: string[] = [];
    const end = new AbortController();
    const listening = (async () => {
      for await (const frame of first.channel("lock").subscribe({ signal: end.signal })) {
        if (frame.isControl) continue;
        const { event, data } = frame.event;
        said.push(`${(data as { name: string }).name} ${String(event)}`);
      }
    })();
    const [ada, grace] = [new AbortController(), new AbortController()];
    first.enter("lock", "Ada", ada.signal);
    second.enter("lock", "Grace", grace.signal);
    second.enter("lock", "Ada", grace.signal);
    await expect
      .poll(() => [first.here("lock"), second.here("lock")])
      .toEqual([
        ["Ada", "Grace"],
        ["Ada", "Grace"],
      ]);
    await expect.poll(() => said.toSorted()).toEqual(["Ada came", "Grace came"]);
    // She is still there, on the other node.
    ada.abort();
    await first.state("lock");
    grace.abort();
    await expect.poll(() => [first.here("lock"), second.here("lock")]).toEqual([[], []]);
    await expect.poll(() => said.slice(2).toSorted()).toEqual(["Ada left", "Grace left"]);

    const message = { name: "Ada", text: "Hello", at: 1 };
    await second.say("lock", message);
    expect((await first.state("lock")).recent).toEqual([message]);
    end.abort();
    await listening;
  });

  test("follow a job of the other, and lose it with that node", async ({ expect }) => {
    await using joined = await join();
    const [a, b] = joined.nodes;
    const [working, watching] = [new JobsService(a), new JobsService(b)];
    const { id } = await working.start();
    const job = (await watching.find(id))!;
    const seen: number[] = [];
    for await (const percent of job.watch(new AbortController().signal)) {
      seen.push(percent);
      if (percent === 20) void a.close();
    }
    expect(seen).toEqual([0, 10, 20]);
    expect(job.isLost).toBe(true);
    expect(await watching.find("none")).toBeUndefined();
  });
});
