// One port before several nodes. It hands on whole connections, and reads nothing of what they carry.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Listens on one port, and gives each new connection to the next node that takes it. Where none does, the connection
 * is closed without an answer: a browser then tries again, while a status of 503 would end its EventSource for good.
 *
 * @param {() => readonly number[]} livePorts of the nodes on this machine that live
 * @param {{ host: string, port: number }} where
 * @returns {Promise<{ port: number, close(): Promise<void> }>}
 */
export async function startProxy(livePorts, where) {
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  let turn = 0;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    keep(client);
    const ports = livePorts();
    const first = turn++;
    const order = ports.map((_, index) => ports[(first + index) % ports.length] ?? 0);
    join(client, order);
  });

  /** @param {import("node:net").Socket} socket */
  function keep(socket) {
    sockets.add(socket);
    // Its end is told by "close", which follows.
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
  }

  /**
   * @param {import("node:net").Socket} client
   * @param {readonly number[]} ports in the order in which they are tried
   */
  function join(client, [port, ...rest]) {
    if (port === undefined) {
      client.destroy();
      return;
    }
    const node = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    keep(node);
    // Nothing has been sent yet, so that the next one can be tried.
    const next = () => join(client, rest);
    node.once("error", next);
    node.once("connect", () => {
      node.off("error", next);
      client.pipe(node).pipe(client);
      client.once("close", () => node.destroy());
      node.once("close", () => client.destroy());
      if (client.destroyed) node.destroy();
    });
  }

  server.listen(where);
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : where.port,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
