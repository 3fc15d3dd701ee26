import type { ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { createWriter } from "./writers/create-writer.js";
import { StreamWriter } from "./writers/stream-writer.js";
import type { Writer } from "./writers/writer.js";

/**
 * What a reply with `onSend` hooks sends: Fastify runs the hooks, writes their headers, and pipes
 * this to the response, which hands the response over; as a stream it is then empty. Where a hook
 * wraps the payload, to encode it for instance, this carries the events to the hook.
 */
export class HeadCarrier extends PassThrough {
  readonly #response: ServerResponse;
  readonly #replaced: () => void;
  #ready: ((writer: Writer) => void) | undefined;

  constructor(response: ServerResponse, ready: (writer: Writer) => void, replaced: () => void) {
    super();
    this.#response = response;
    this.#ready = ready;
    this.#replaced = replaced;
    response.once("finish", replaced);
    // Where a hook stands in between, the head would wait for what it makes of the first event.
    response.once("pipe", flushHeaders);
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: PipeOptions): T {
    if ((destination as unknown) !== this.#response) return super.pipe(destination, options);
    this.#response.off("pipe", flushHeaders).flushHeaders();
    this.#handOver(createWriter(this.#response));
    // At its end, so that Fastify has nothing to watch or destroy.
    this.end();
    this.resume();
    return destination;
  }

  /** Someone reads who is not the response. */
  override _read(size: number): void {
    if (this.#ready !== undefined) this.#handOver(new StreamWriter(this, this));
    super._read(size);
  }

  #handOver(writer: Writer): void {
    const ready = this.#ready;
    this.#ready = undefined;
    this.#response.off("finish", this.#replaced);
    ready?.(writer);
  }
}

interface PipeOptions {
  readonly end?: boolean;
}

function flushHeaders(this: ServerResponse): void {
  this.flushHeaders();
}
