import { describe, expect, it, vi } from "vitest";
import { listen, pass, RunNode, settled, stopTime } from "../../test/run-node.js";
import type { Following } from "../channel/broker.js";
import type { HandlerContext } from "./handler-context.js";

const MINUTE = 60_000;

/** A run that has failed after some words. */
async function failedRun(words: readonly string[]): Promise<RunNode> {
  stopTime();
  const node = new RunNode({ run: { restart: "on-error", orphan: false } });
  await node.enter("a");
  node.part.say(...words);
  node.part.fail();
  await vi.waitFor(() => expect(node.runs.list()).toMatchObject([{ state: "failed" }]));
  return node;
}

/** What a handler hears of it that begins anew. */
async function restart(
  node: RunNode,
  waits: { readonly before?: Promise<void>; readonly afterFirst?: () => Promise<void> },
): Promise<string[]> {
  const heard: string[] = [];
  const call = async function* (signal: AbortSignal, { previous }: HandlerContext) {
    yield { event: "word", data: { text: "again" } };
    await waits.before;
    for await (const { data } of previous) {
      heard.push((data as { text: string }).text.slice(0, 4));
      if (heard.length === 1) await waits.afterFirst?.();
    }
    heard.push(signal.aborted ? "aborted" : "over");
  };
  listen(await node.enter("a", { call }));
  return heard;
}

function minutes(count: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, count * MINUTE));
}

describe("the events of the attempt before", () => {
  it("wait for a handler that takes its time, however many there are", async () => {
    const words = Array.from({ length: 60 }, (_, number) => `${number} `.padEnd(5_000, "x"));
    const node = await failedRun(words);
    const heard = await restart(node, { afterFirst: () => minutes(10) });
    await pass(10 * MINUTE);
    await vi.waitFor(() => expect(heard.at(-1)).toBe("over"));
    expect(heard.length).toBe(61);
  });

  it("are none where they are gone when they are asked for", async () => {
    const node = await failedRun(["one"]);
    const heard = await restart(node, { before: minutes(40) });
    await pass(40 * MINUTE);
    expect(heard).toEqual(["over"]);
  });

  it("are over when the run is, so that nothing is listened to any more", async () => {
    const node = await failedRun(["one"]);
    const { broker } = node.channels;
    const follow = broker.follow.bind(broker);
    let looks = 0;
    // As if they had been there, and then their end never came.
    vi.spyOn(broker, "follow").mockImplementation((channel, follower) => {
      const following = follow(channel, follower) as Following;
      if (following.ended === undefined || ++looks === 1) return following;
      return { position: following.position, ended: undefined, stop: () => following.stop() };
    });
    const heard = await restart(node, {});
    await settled();
    expect(heard).toEqual(["one"]);
    await node.runs.cancel("a");
    await settled();
    expect(heard).toEqual(["one", "aborted"]);
    expect(node.channels.active).toBe(0);
  });
});
