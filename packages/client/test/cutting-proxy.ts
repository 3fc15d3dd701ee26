import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A connection to a server that breaks where a test wants it to. */
export interface CuttingProxy {
  readonly port: number;
  /** How many connections there were, and how many of them were cut. */
  readonly connections: number;
  readonly cut: number;
  close(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param port - of the server
 * @param cuts - how many bytes of the answer each connection lets through before it is cut, one after the other; those
 * that come when all have been used are left alone
 */
export async function startCuttingProxy(
  port: number,
  cuts: readonly number[],
): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const counts = { connections: 0, cut: 0 };
  const server = createServer((client) => {
    let left = cuts[counts.connections++] ?? Infinity;
    const upstream = connect(port, "127.0.0.1");
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      if (bytes.length < left) {
        left -= bytes.length;
        if (client.write(bytes)) return;
        upstream.pause();
        client.once("drain", () => upstream.resume());
        return;
      }
      counts.cut++;
      upstream.destroy();
      client.end(bytes.subarray(0, left));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return counts.connections;
    },
    get cut() {
      return counts.cut;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
