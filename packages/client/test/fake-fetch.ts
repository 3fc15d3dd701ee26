import { Inbox, Told } from "./told.js";

/** One call of a {@link FakeFetch}, whose answer the test writes. It obeys its signal as `fetch` does. */
export class FakeCall {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly response = new Told<Response>();
  #body!: ReadableStreamDefaultController<Uint8Array>;

  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.init = init;
    this.headers = new Headers(init.headers);
    const signal = init.signal!;
    const abort = (): void => this.response.fail(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  }

  get isAborted(): boolean {
    return this.init.signal!.aborted;
  }

  /** Answers with a stream, whose first text may follow at once. */
  open(text = "", headers: Record<string, string> = {}): this {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => (this.#body = controller),
    });
    const signal = this.init.signal!;
    signal.addEventListener("abort", () => this.#body.error(signal.reason));
    const all = { "content-type": "text/event-stream", ...headers };
    this.response.tell(new Response(body, { headers: all }));
    return text === "" ? this : this.send(text);
  }

  send(text: string | Uint8Array): this {
    this.#body.enqueue(typeof text === "string" ? new TextEncoder().encode(text) : text);
    return this;
  }

  end(): void {
    this.#body.close();
  }

  /** Breaks the body off. */
  cut(error: Error = new TypeError("terminated")): void {
    this.#body.error(error);
  }

  answer(status: number, headers: Record<string, string> = {}, body: string | null = null): void {
    this.response.tell(new Response(body, { status, headers }));
  }

  /** As when nobody answers. */
  fail(error: unknown = new TypeError("fetch failed")): void {
    this.response.fail(error);
  }
}

/** A `fetch` without a network: for tests on a fake clock, which sockets don't keep to. */
export class FakeFetch {
  readonly calls = new Inbox<FakeCall>();

  readonly fetch: typeof globalThis.fetch = (input, init = {}) => {
    const call = new FakeCall(String(input), init);
    this.calls.put(call);
    return call.response.promise;
  };
}
