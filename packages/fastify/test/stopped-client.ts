import type { FastifyInstance } from "fastify";
import { exchange, get, type RawConnection } from "./raw-connection.js";

/** A client that sends a GET and reads nothing of the answer until its socket is resumed. */
export async function stoppedClient(app: FastifyInstance, path: string): Promise<RawConnection> {
  const client = await exchange(app, get(path));
  client.socket.pause();
  return client;
}

/** Resolves with a count when it has stood still for a while. */
export async function standstill(read: () => number): Promise<number> {
  let last = -1;
  for (let still = 0; still < 10;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    still = read() === last && last > 0 ? still + 1 : 0;
    last = read();
  }
  return last;
}
