import "reflect-metadata";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Channel, Channels, Controller, Param, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { LmdbBroker } from "@sluice/lmdb";
import Fastify from "fastify";
import { answer, tell } from "./answer.js";

/** A publication that was acknowledged. */
export interface Acknowledged {
  readonly channel: string;
  readonly id: string;
  readonly publisher: string;
  readonly seq: number;
}

type HistoryEvents = { stored: Omit<Acknowledged, "id"> };

let channels: Channels;
const stopping = new AbortController();
const app = Fastify({ forceCloseConnections: true });

@Controller("history")
class HistoryController {
  constructor(injected: Channels) {
    channels = injected;
  }

  @Sse("one/:name")
  one(@Param("name") name: string) {
    return channel(name);
  }

  @Sse("all")
  all() {
    return channels.merge(channel("a"), channel("b"));
  }
}

const commands = {
  /** @param port - 0 for any */
  async listen(path: string, port: number): Promise<number> {
    await app.register(sluice, {
      controllers: [HistoryController],
      channels: {
        broker: new LmdbBroker({ path }),
        history: { count: 1_000_000, bytes: 268_435_456, age: "1h" },
      },
    });
    await app.listen({ host: "127.0.0.1", port });
    return (app.server.address() as { port: number }).port;
  },
  /** Publishes to both channels, one by one and several at once, and tells of each that is stored. */
  start(publisher: string): void {
    for (const name of ["a", "b"]) void publishOn(name, publisher);
  },
  publish: (name: string, publisher: string) => publish(name, publisher, 0),
  async close(): Promise<void> {
    stopping.abort();
    await app.close();
  },
};
export type HistoryServer = typeof commands;
answer(commands);

async function publishOn(name: string, publisher: string): Promise<void> {
  let seq = 0;
  while (!stopping.signal.aborted) {
    const burst = seq % 7 === 0 ? 20 : 1;
    await Promise.all(
      Array.from({ length: burst }, () => publish(name, publisher, seq++).then(tell)),
    );
    await nextTurn();
  }
}

async function publish(name: string, publisher: string, seq: number): Promise<Acknowledged> {
  const data = { channel: name, publisher, seq };
  const { id } = await channel(name).publish({ event: "stored", data });
  return { ...data, id };
}

function channel(name: string): Channel<HistoryEvents> {
  return channels.get<HistoryEvents>(name);
}
