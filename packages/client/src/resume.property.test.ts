import type { AddressInfo } from "node:net";
import { Channels, Controller, MemoryBroker, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import * as fc from "fast-check";
import Fastify from "fastify";
import "reflect-metadata";
import { expect, it, vi } from "vitest";
import { startCuttingProxy } from "../test/cutting-proxy.js";
import { connect, type SseClient } from "./index.js";

type Events = { n: { n: number; text: string } };

/** Waits for so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

/** A server of a channel, and what publishes to it. */
async function serve() {
  const channels = new Channels({ broker: new MemoryBroker(), history: { count: 10_000 } });
  const channel = channels.get<Events>("numbers");

  @Controller("numbers")
  class NumbersController {
    @Sse("")
    numbers() {
      return channel;
    }
  }

  const app = Fastify();
  await app.register(sluice, {
    controllers: [NumbersController],
    providers: [{ provide: Channels, useValue: channels }],
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { app, channel, port: (app.server.address() as AddressInfo).port };
}

/** What a loop takes that is slow where its pauses say so. */
async function loop(client: SseClient<Events>, pauses: readonly number[]): Promise<number[]> {
  const taken: number[] = [];
  for await (const { data } of client) {
    taken.push(data.n);
    await turns(pauses[taken.length % pauses.length] ?? 0);
  }
  return taken;
}

const plan = fc.record({
  /** How many bytes each connection lasts, its head included. */
  cuts: fc.array(fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 8_000 })), {
    minLength: 5,
    maxLength: 25,
  }),
  /** What is published in one turn: the length of each event's text. */
  batches: fc.array(
    fc.tuple(
      fc.array(fc.oneof(fc.nat(20), fc.nat(3_000)), { minLength: 1, maxLength: 8 }),
      fc.nat(6),
    ),
    { minLength: 5, maxLength: 30 },
  ),
  loops: fc.array(fc.array(fc.constantFrom(0, 0, 0, 1, 5, 20), { maxLength: 10 }), {
    minLength: 1,
    maxLength: 3,
  }),
  maxBuffered: fc.constantFrom(0, 1, 3, 256),
  isSlowToParse: fc.boolean(),
});

it("every event comes once and in order, over any number of connections that break anywhere", async () => {
  let cuts = 0;
  await fc.assert(
    fc.asyncProperty(plan, async (plan) => {
      const { app, channel, port } = await serve();
      const proxy = await startCuttingProxy(port, plan.cuts);
      const client = connect<Events>(`http://127.0.0.1:${proxy.port}/numbers`, {
        reconnect: { delay: 0, maxDelay: 3 },
        maxBuffered: plan.maxBuffered,
        onReset: () => expect.unreachable("nothing has left the history"),
        ...(plan.isSlowToParse && {
          parse: {
            n: async (data) => {
              await turns(1);
              return JSON.parse(data) as Events["n"];
            },
          },
        }),
      });
      const loops = plan.loops.map((pauses) => loop(client, pauses));
      const heard: number[] = [];
      client.on("n", ({ n }) => heard.push(n));
      // From here on it can be resumed; a client that has no position yet begins with what comes next.
      await vi.waitUntil(() => client.lastEventId !== "");
      let last = 0;
      for (const [texts, pause] of plan.batches) {
        await Promise.all(
          texts.map((length) =>
            channel.publish({ event: "n", data: { n: ++last, text: "x".repeat(length) } }),
          ),
        );
        await turns(pause);
      }
      await channel.end();
      const all = Array.from({ length: last }, (_, i) => i + 1);
      for (const taken of await Promise.all(loops)) expect(taken).toEqual(all);
      expect(heard).toEqual(all);
      expect(client.error).toBeUndefined();
      cuts += proxy.cut;
      await proxy.close();
      await app.close();
    }),
    { numRuns: 40, endOnFailure: true },
  );
  // So that the test still tests something.
  expect(cuts).toBeGreaterThan(100);
}, 60_000);
