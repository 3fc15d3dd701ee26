import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Gate } from "./gate.js";
import { Generators } from "./generators.js";
import { follow, readPublishing } from "./publishing.js";
import { type Tick, tick } from "./tick.js";

/** What a subject can be told to do. What it leaves out, it can't. */
export interface Commands {
  /** Sends an event to everyone on `/fan`, or on `/fan/:channel` where there are several. */
  publish?(event: Tick, channel: number, channels: number): void;
  /** Puts an event into the history of the channel of `/replay`. */
  fill?(event: Tick): unknown;
  /** How many streams are open. */
  connections?(): number;
  /**
   * The memory that `/stats` tells, in bytes.
   *
   * @defaultValue that of this process
   */
  memory?(): Pick<NodeJS.MemoryUsage, "rss" | "heapUsed" | "external">;
}

/** What the streams of a subject are made of, and how it says that it is ready. */
export interface Kit {
  readonly generators: Generators;
  /**
   * Prints the line that the runner waits for.
   *
   * @param port - where the streams are
   * @param pid - whose processor time counts
   */
  ready(port: number, pid?: number): Promise<void>;
}

/** Takes the commands of the runner and of the load client, on a port of its own. */
export function control(commands: Commands): Kit {
  const gate = new Gate();
  const generators = new Generators(gate);
  let filled = 0;

  const perform = async (path: string, query: URLSearchParams): Promise<unknown> => {
    switch (path) {
      case "/publish": {
        const publishing = readPublishing(query);
        // After the answer: who asked may want to take the time first.
        setImmediate(() => {
          void follow(publishing, (event, channel) =>
            commands.publish?.(event, channel, publishing.channels),
          );
        });
        return commands.publish !== undefined;
      }
      case "/go":
        setImmediate(() => gate.release());
        return true;
      case "/fill": {
        const events = Number(query.get("events"));
        for (let i = 0; i < events; i++) await commands.fill?.(tick(++filled));
        return commands.fill !== undefined;
      }
      case "/gc":
        globalThis.gc?.();
        await turn();
        globalThis.gc?.();
        return true;
      default:
        return false;
    }
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/stats") {
      const { rss, heapUsed, external } = commands.memory?.() ?? process.memoryUsage();
      const { live } = generators;
      const connections = commands.connections?.();
      const stats = { rss, heapUsed, external, live, connections };
      response.setHeader("content-type", "application/json").end(JSON.stringify(stats));
      return;
    }
    void perform(pathname, searchParams).then((known) => {
      response.writeHead(known === true ? 204 : 404).end();
    });
  });
  server.keepAliveTimeout = 0;

  return {
    generators,
    async ready(port, pid = process.pid) {
      process.once("SIGTERM", () => process.exit());
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port: own } = server.address() as AddressInfo;
      console.log(JSON.stringify({ port, control: own, pid }));
    },
  };
}
