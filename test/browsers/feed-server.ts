import { type Broker, Channels, Controller, Sse } from "@sluice/core";
import { type PageServer, startPageServer } from "./page-server.js";

/** A server of two channels: `/feed/a`, `/feed/b`, and `/feed/both` for both on one connection. */
export interface FeedServer extends PageServer {
  /**
   * Publishes events `n` with the numbers from one on, all in one turn of the event loop, so that
   * nothing comes between them.
   *
   * @param names - the channels, which take turns
   */
  publish(from: number, count: number, names?: readonly string[]): Promise<void>;
}

export interface FeedServerOptions {
  /** How many events the history of each channel keeps. @defaultValue 1,000 */
  readonly count?: number;
  /** That of a server which is gone; left out for any. */
  readonly port?: number;
}

/** @param broker - belongs to the server, which closes it */
export async function startFeedServer(
  broker: Broker,
  { count = 1_000, port = 0 }: FeedServerOptions = {},
): Promise<FeedServer> {
  let channels: Channels;
  const channel = (name: string) => channels.get<{ n: number }>(name);

  @Controller("feed")
  class FeedController {
    constructor(injected: Channels) {
      channels = injected;
    }

    @Sse("a")
    a() {
      return channel("a");
    }

    @Sse("b")
    b() {
      return channel("b");
    }

    @Sse("both")
    both() {
      return channels.merge(channel("a"), channel("b"));
    }
  }

  const server = await startPageServer(
    {
      controllers: [FeedController],
      channels: { broker, history: { count } },
      retry: 100,
      drainWindow: 200,
    },
    port,
  );
  return {
    ...server,
    async publish(from, count, names = ["a"]) {
      await Promise.all(
        Array.from({ length: count }, (_, i) =>
          channel(names[i % names.length]!).publish({ event: "n", data: from + i }),
        ),
      );
    },
  };
}
