import type { AddressInfo } from "node:net";
import { Server } from "node:tls";
import type { EventMap } from "@sluice/core";
import type { FastifyInstance } from "fastify";
import { SseTestError } from "./errors.js";
import type { SseTestOptions } from "./request.js";
import { SseTestClient } from "./test-client.js";
import { stoppedQueues } from "./wait.js";

/**
 * Opens a stream of an application over a real socket.
 *
 * The application is made to listen on a free port of the loopback interface if it does not listen
 * yet. Resolves when the head of the answer is there, whatever its status.
 *
 * @typeParam M - the stream's events: a map of names and data, or `EventsOf` the handler
 * @throws SseTestError `ERR_TIMEOUT` when no head comes, `ERR_ADDRESS` when the application listens on
 * no TCP port, `ERR_FAKED` when more than timers is faked
 *
 * @example
 * ```ts
 * await using client = await testSse<EventsOf<RoomsController["countdown"]>>(app, "/rooms/countdown");
 * expect((await client.next("tick")).json).toEqual({ n: 10 });
 * ```
 */
export async function testSse<M extends EventMap = EventMap>(
  app: FastifyInstance,
  path: string,
  options: SseTestOptions = {},
): Promise<SseTestClient<M>> {
  const stopped = await stoppedQueues();
  if (stopped.length > 0) {
    throw new SseTestError(
      "ERR_FAKED",
      `No socket works while this is faked: ${stopped.join(", ")}. Leave it out; in Jest by jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask"] }).`,
    );
  }
  const origin = await listen(app);
  const client = new SseTestClient<M>(new URL(path, origin), options);
  await client.connect();
  return client;
}

async function listen(app: FastifyInstance): Promise<string> {
  const address = app.server.address();
  if (address === null) return app.listen({ host: "127.0.0.1", port: 0 });
  if (typeof address === "string") {
    throw new SseTestError(
      "ERR_ADDRESS",
      `testSse needs an application on a TCP port; this one listens on ${address}.`,
    );
  }
  return originOf(app, address);
}

function originOf(app: FastifyInstance, { address, family, port }: AddressInfo): string {
  const scheme = app.server instanceof Server ? "https" : "http";
  const host = address === "::" || address === "0.0.0.0" ? "127.0.0.1" : address;
  return `${scheme}://${family === "IPv6" && host === address ? `[${host}]` : host}:${port}`;
}
