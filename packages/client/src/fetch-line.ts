import { END_EVENT, type Outcome } from "@sluice/protocol";
import { createParser } from "eventsource-parser";
import { nextDelay, type ReconnectOptions } from "./backoff.js";
import { SseClientError, type SseClientErrorCode } from "./errors.js";
import type { Line, LineTarget, Message } from "./line.js";
import { readRefusal } from "./refusal.js";
import { makeRequest, type RequestOptions } from "./request.js";
import { isHidden, isOffline, listenToSurroundings } from "./surroundings.js";

/** How a stream is asked for, and kept up. */
export interface FetchLineOptions extends RequestOptions {
  /**
   * Whether and how a stream that is lost is opened again.
   * @defaultValue true for GET; false for other methods, whose request would be made twice
   */
  readonly reconnect?: boolean | ReconnectOptions;
  /**
   * How long nothing may be heard, not even a keep-alive, before the connection is taken for dead, in milliseconds;
   * false for ever.
   * @defaultValue 45000, three times the interval at which Sluice's servers send one
   */
  readonly silenceTimeout?: number | false;
  /**
   * Lets go of the connection while nobody sees the page, and resumes when somebody does.
   * @defaultValue false
   */
  readonly pauseWhenHidden?: boolean;
  /**
   * The longest event that is taken, in characters; a longer one ends the client.
   * @defaultValue 16777216
   */
  readonly maxEventSize?: number;
}

/**
 * Follows a stream over `fetch`: one request after the other, each from where the target is.
 *
 * @param options - with a method
 */
export function openFetchLine(url: string, options: FetchLineOptions, target: LineTarget): Line {
  const {
    fetch = globalThis.fetch,
    maxEventSize = 2 ** 24,
    pauseWhenHidden,
    reconnect = options.method === "GET",
    silenceTimeout = 45_000,
  } = options;
  const policy = typeof reconnect === "object" ? reconnect : {};
  const { maxAttempts = reconnect === false ? 0 : Infinity } = policy;
  /** Aborted when the line is closed. */
  const life = new AbortController();
  /** What is under way; undefined between attempts. */
  let attempt: AbortController | undefined;
  /** Of the watchdog in an attempt, and of the waiting between two. */
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The reconnection time that the server has told last. */
  let retry: number | undefined;
  /** Attempts in a row that brought nothing. */
  let failures = 0;
  let wasOffline = false;

  const close = (): void => {
    life.abort();
    attempt?.abort();
    clearTimeout(timer);
  };

  const fail = (code: SseClientErrorCode, how: string, cause?: unknown): SseClientError =>
    new SseClientError(code, `${url}: ${how}`, { cause });

  const end = (error?: SseClientError): void => {
    if (life.signal.aborted) return;
    close();
    target.change("closed", error);
  };

  const isPaused = (): boolean => pauseWhenHidden === true && isHidden();

  /** Does what the network and the page's visibility ask for. */
  const look = (): void => {
    const isBack = wasOffline && !isOffline();
    wasOffline = isOffline();
    if (attempt === undefined) {
      if (!wasOffline && !isHidden()) void run();
      // A network that is back may be another one, where the old connection is dead without a word.
    } else if (isBack || isPaused()) attempt.abort(fail("ERR_DISCONNECTED", "let go"));
  };

  /** Starts to wait for the next thing that is heard. */
  const watch = (): void => {
    clearTimeout(timer);
    if (silenceTimeout === false) return;
    timer = setTimeout(
      () => attempt?.abort(fail("ERR_SILENT", `silent for ${silenceTimeout} ms`)),
      silenceTimeout,
    );
  };

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    if (life.signal.aborted) return;
    if (isPaused()) return target.change("waiting");
    target.change("connecting");
    attempt = new AbortController();
    failures++;
    try {
      end(await connect(attempt.signal));
    } catch (cause) {
      // Whatever is left of the body is not wanted.
      attempt.abort();
      attempt = undefined;
      if (life.signal.aborted) return;
      const error =
        cause instanceof SseClientError ? cause : fail("ERR_DISCONNECTED", "failed", cause);
      if (failures >= maxAttempts) return end(error);
      const delay = nextDelay(policy, failures, error.retryAfter ?? retry);
      target.change("waiting", error, Date.now() + delay);
      clearTimeout(timer);
      timer = setTimeout(run, delay);
    }
  };

  /**
   * One attempt, which lasts as long as its stream.
   *
   * @returns when there is nothing more to come, with the error where that is no completion
   * @throws where another attempt may do better
   */
  const connect = async (signal: AbortSignal): Promise<SseClientError | undefined> => {
    watch();
    const request = await makeRequest(options, target.lastEventId);
    const response = await fetch(url, { ...request, signal });
    if (response.status === 204) return undefined;
    const refusal = await readRefusal(response, url);
    if (refusal?.code === "ERR_UNAVAILABLE") throw refusal;
    if (refusal !== undefined) return refusal;
    target.change("open");

    const messages: Message[] = [];
    const parser = createParser({
      maxBufferSize: maxEventSize,
      onEvent: (message) => messages.push(message),
      onRetry: (time) => (retry = time),
      onComment: () => (failures = 0),
      // Unknown fields are to be ignored, and so is a `retry` that is none.
      onError({ type }) {
        if (type === "max-buffer-size-exceeded") {
          end(fail("ERR_EVENT_TOO_LARGE", `more than ${maxEventSize} characters`));
        }
      },
    });
    const decoder = new TextDecoder();
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw fail("ERR_DISCONNECTED", "ended early");
      watch();
      parser.feed(decoder.decode(value, { stream: true }));
      // What has come is done with before more is asked for.
      for (const message of messages.splice(0)) {
        if (message.event === END_EVENT) {
          const { outcome } = JSON.parse(message.data) as { readonly outcome: Outcome };
          return outcome === "done" ? undefined : fail("ERR_FAILED", "the server's source failed");
        }
        const taking = target.take(message);
        if (taking !== undefined) {
          // Who does not listen hears nothing.
          clearTimeout(timer);
          await taking;
          signal.throwIfAborted();
          watch();
        }
        failures = 0;
      }
    }
  };

  listenToSurroundings(look, life.signal);
  // Nothing is told in the caller's turn.
  queueMicrotask(() => void run());
  return { close };
}
