// A process that serves channels, as an application of Sluice's does.
import "reflect-metadata";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Channels, Controller, Param, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { RedisBroker } from "@sluice/redis";
import Fastify from "fastify";
import { answer, cpuTime } from "./ask.mjs";

const app = Fastify({ forceCloseConnections: true });
/** @type {Channels} */
let channels;

class ChannelsController {
  /** @param {string} name */
  join(name) {
    return channels.get(name);
  }
}

// What the compiler makes of decorators.
const { prototype } = ChannelsController;
const join = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, "join"));
Reflect.defineMetadata("design:paramtypes", [String], prototype, "join");
Param("name")(prototype, "join", 0);
Sse(":name")(prototype, "join", /** @type {any} */ (join));
Controller("channels")(ChannelsController);

const commands = {
  /**
   * @param {string | undefined} redis its url; otherwise the history is in memory
   * @param {number} [total] how many streams there may be at once
   * @param {import("@sluice/core").Duration} [commandTimeout] the broker's
   */
  async listen(redis, total, commandTimeout = "2s") {
    const broker =
      redis === undefined ? undefined : new RedisBroker({ url: redis, commandTimeout });
    channels = new Channels(broker === undefined ? {} : { broker });
    await app.register(sluice, {
      controllers: [ChannelsController],
      providers: [{ provide: Channels, useValue: channels }],
      limits: total === undefined ? {} : { total },
    });
    await app.listen({ host: "127.0.0.1", port: 0, backlog: 4_096 });
    return /** @type {import("node:net").AddressInfo} */ (app.server.address()).port;
  },
  /**
   * Publishes so many events of so many bytes, each in a turn of its own.
   *
   * @param {string} name
   * @param {number} count
   * @param {number} bytes
   * @returns the id of the last one
   */
  async publish(name, count, bytes) {
    const channel = channels.get(name);
    const data = "x".repeat(bytes);
    let last = "";
    for (let n = 0; n < count; n++) last = (await channel.publish({ event: "load", data })).id;
    return last;
  },
  /** How many connections a channel has here. @param {string} name */
  subscribers: (name) => channels.get(name).subscribers,
  cpu: cpuTime,
  /** Its memory after a collection, in bytes. */
  async memory() {
    for (let n = 0; n < 3; n++) {
      globalThis.gc?.();
      await nextTurn();
    }
    return process.memoryUsage.rss();
  },
  /** How many channels have connections. */
  active: () => channels.active,
  /** Cuts all connections off, as a fault does. */
  cut() {
    app.server.closeAllConnections();
  },
};

/** @typedef {typeof commands} ChannelNode */
answer(commands);
