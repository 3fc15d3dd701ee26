import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A link to a server that can break in the ways of networks. */
export interface Proxy extends Disposable {
  readonly url: string;
  /** How many connections it has taken, in all. */
  readonly taken: number;
  /** Where new connections go, those that were there stay. */
  target: number;
  /** Takes new connections, but nothing passes any more, and nobody is told. */
  stall(): void;
  /** What is asked still passes, but no answer does. */
  mute(): void;
  /** New connections pass again; those that were there stay as they are. */
  heal(): void;
  /** Breaks all connections. */
  cut(): void;
}

/** @param target - the port that connections are passed on to */
export async function openProxy(target: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  /** What answers, for each connection. */
  const servers = new Map<Socket, Socket>();
  let stalled = false;
  let muted = false;
  let taken = 0;
  const server = createServer((client) => {
    taken++;
    const ends = stalled ? [client] : [client, connect(proxy.target, "127.0.0.1")];
    for (const socket of ends) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.once("close", () => {
        sockets.delete(socket);
        servers.delete(socket);
        for (const other of ends) other.destroy();
      });
    }
    const [, server] = ends;
    if (server === undefined) return;
    client.pipe(server);
    if (muted) return void server.resume();
    servers.set(server, client);
    server.pipe(client);
  });
  const proxy: Proxy = {
    url: "",
    get taken() {
      return taken;
    },
    target,
    stall() {
      stalled = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.pause();
      }
    },
    mute() {
      muted = true;
      // What it says is read, so that it goes on saying it.
      for (const [server, client] of servers) server.unpipe(client).resume();
    },
    heal: () => void (stalled = muted = false),
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.defineProperty(proxy, "url", { value: `redis://127.0.0.1:${port}` });
}
