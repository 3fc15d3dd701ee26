import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { LoadTarget } from "./load.js";

/** A client of a {@link ScriptedServer}, which gets just the bytes that a test wants. */
export interface ScriptedClient {
  readonly socket: Socket;
  /** Counted from 0, in the order in which they came. */
  readonly index: number;
  readonly path: string;
  readonly head: string;
}

/** What a scripted server does. */
export interface Script {
  /** Called with each request for a stream. */
  stream(client: ScriptedClient): void;
  /** Called with each command, after its answer: its path with the query, and all clients so far. */
  command?(path: string, clients: readonly ScriptedClient[]): void;
  /** What `/stats` tells. */
  stats?(): object;
}

/** A server for tests of the load client, which misbehaves on demand. */
export interface ScriptedServer extends AsyncDisposable {
  readonly target: LoadTarget;
  readonly clients: readonly ScriptedClient[];
  /** Of all commands, in the order in which they came. */
  readonly commands: readonly string[];
}

/** Starts a server that does what the script says, in this process. */
export async function scripted(script: Script): Promise<ScriptedServer> {
  const clients: ScriptedClient[] = [];
  const commands: string[] = [];
  const streams = createServer((socket) => {
    let head = "";
    // A client that leaves may reset its connection.
    socket.on("error", () => undefined).setNoDelay();
    socket.on("data", (bytes) => {
      head += bytes.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      const client = { socket, index: clients.length, path: head.split(" ")[1] ?? "", head };
      clients.push(client);
      script.stream(client);
    });
  });
  const control = createHttpServer((request, response) => {
    const path = request.url ?? "";
    if (path === "/stats") {
      response.end(JSON.stringify(script.stats?.() ?? {}));
      return;
    }
    commands.push(path);
    response.writeHead(204).end(() => script.command?.(path, clients));
  });
  const [port, own] = await Promise.all([listen(streams), listen(control)]);
  return {
    target: { port, control: own, pid: process.pid },
    clients,
    commands,
    async [Symbol.asyncDispose]() {
      for (const { socket } of clients) socket.destroy();
      streams.close();
      control.close();
      control.closeAllConnections();
      await Promise.all([once(streams, "close"), once(control, "close")]);
    },
  };
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
