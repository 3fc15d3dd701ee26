import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Kit } from "../kit/control.js";
import type { Tick } from "../kit/tick.js";

/** How a server without a framework answers. */
export interface Streams {
  /** Joins what is published under a name; `""` is the one for all. */
  fan(response: ServerResponse, name: string): void;
  /** Sends what a generator yields, and ends. */
  pump(response: ServerResponse, ticks: AsyncGenerator<Tick, void>): Promise<void>;
  /** Sends one event, and stays open. */
  open(response: ServerResponse): void;
  /** @param after - how many events of the history the client has, if it says so */
  replay(response: ServerResponse, after: number | undefined): void;
}

/** Serves the paths of the benchmark by node:http alone. */
export async function serve(streams: Streams, kit: Kit): Promise<void> {
  const { generators } = kit;
  const server = createServer((request, response) => {
    // Not by the class URL, which takes longer than all the rest.
    const [pathname = "", query] = (request.url ?? "").split("?");
    const number = (name: string): number => Number(new URLSearchParams(query).get(name) ?? 0);
    const cursor = request.headers["last-event-id"];
    const [, path, name = ""] = pathname.split("/");
    switch (path) {
      case "fan":
        return streams.fan(response, name);
      case "idle":
        return streams.fan(response, "idle");
      case "one":
        return void streams.pump(response, generators.one(number("events"), number("gap")));
      case "open":
        return streams.open(response);
      case "endless":
        return void streams.pump(response, generators.endless(number("pad")));
      case "replay":
        return streams.replay(response, cursor === undefined ? undefined : Number(cursor));
      default:
        response.writeHead(404).end();
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  await kit.ready((server.address() as AddressInfo).port);
}

/** Resolves when a stream takes more, or is gone. */
export function room(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done).off("close", done);
      resolve();
    };
    stream.on("drain", done).on("close", done);
  });
}
