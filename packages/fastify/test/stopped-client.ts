import type { FastifyInstance } from "fastify";
import { exchange, get, type RawConnection } from "./raw-connection.js";

/** A client that sends a GET and reads nothing of the answer until its socket is resumed. */
export async function stoppedClient(app: FastifyInstance, path: string): Promise<RawConnection> {
  const client = await exchange(app, get(path));
  client.socket.pause();
  return client;
}
