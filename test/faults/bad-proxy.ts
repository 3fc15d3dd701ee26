import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";

/** What a proxy does to the answers that it passes on. */
export interface Misbehaviour {
  readonly random: () => number;
  /** How likely it is, after each byte, that it waits, and that it resets both connections. */
  readonly pauses: number;
  readonly resets: number;
  /** The longest that it waits, in milliseconds. */
  readonly longestPause: number;
}

/** A proxy of TCP that passes answers on byte by byte, and that can stop reading without a word. */
export class BadProxy {
  bytes = 0;
  resets = 0;
  #misbehaviour: Misbehaviour | undefined;
  #stalled = false;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => void this.#pass(client));
  readonly #upstream: number;
  #release!: () => void;
  readonly #closed = new Promise<void>((resolve) => (this.#release = resolve));

  /** @param upstream - the port that it passes connections on to */
  constructor(upstream: number) {
    this.#upstream = upstream;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  misbehave(misbehaviour: Misbehaviour): void {
    this.#misbehaviour = misbehaviour;
  }

  behave(): void {
    this.#misbehaviour = undefined;
  }

  /** Reads nothing any more, and closes nothing. */
  stall(): void {
    this.#stalled = true;
  }

  close(): void {
    this.#server.close();
    this.#release();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #pass(client: Socket): Promise<void> {
    const server = connect(this.#upstream, "127.0.0.1");
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.setNoDelay(true);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        if (this.#stalled) return;
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (bytes) => server.write(bytes));
    try {
      for await (const bytes of server) {
        for (const byte of bytes as Buffer) {
          if (this.#stalled) await this.#closed;
          if (!client.writable) return;
          client.write(Buffer.of(byte));
          this.bytes++;
          await this.#afterByte(client, server);
        }
      }
    } catch {
      // It was reset.
    }
  }

  async #afterByte(client: Socket, server: Socket): Promise<void> {
    // The client reads it before the next one is written.
    await nextTurn();
    const { random, pauses, resets, longestPause } = this.#misbehaviour ?? HARMLESS;
    if (random() < pauses) await delay(random() * longestPause);
    if (random() >= resets) return;
    this.resets++;
    client.resetAndDestroy();
    server.resetAndDestroy();
  }
}

const HARMLESS: Misbehaviour = { random: () => 1, pauses: 0, resets: 0, longestPause: 0 };
