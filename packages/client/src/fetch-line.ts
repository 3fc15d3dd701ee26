import { END_EVENT, type Outcome } from "@sluice/protocol";
import { LONGEST_TIMER, nextDelay, type ReconnectOptions } from "./backoff.js";
import { SseClientError, type SseClientErrorCode } from "./errors.js";
import { createEventParser } from "./event-parser.js";
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
    pauseWhenHidden = false,
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
  /** Before this the server wants no attempt, in milliseconds since 1970. */
  let earliest = 0;
  /** Attempts in a row that brought nothing. */
  let failures = 0;
  /** Why the last one failed. */
  let trouble: SseClientError | undefined;
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

  const isPaused = (): boolean => pauseWhenHidden && isHidden();

  /** Does what the network and the page's visibility ask for. */
  const look = (): void => {
    const isBack = wasOffline && !isOffline();
    wasOffline = isOffline();
    if (attempt !== undefined) {
      // A network that is back may be another one, where the old connection is dead without a word.
      if (isBack || isPaused())
        attempt.abort(fail("ERR_DISCONNECTED", "let go, for the network has changed"));
    } else if (!wasOffline && !isHidden()) {
      if (earliest > Date.now()) wait(earliest);
      else void run();
    }
  };

  /** Waits until a time for the next attempt. */
  const wait = (until: number): void => {
    clearTimeout(timer);
    timer = setTimeout(run, until - Date.now());
    target.change("waiting", trouble, until);
  };

  /** Starts to wait for the next thing that is heard. */
  const watch = (): void => {
    clearTimeout(timer);
    life.signal.throwIfAborted();
    if (silenceTimeout === false) return;
    timer = setTimeout(
      () => attempt?.abort(fail("ERR_SILENT", `nothing was heard for ${silenceTimeout} ms`)),
      Math.min(silenceTimeout, LONGEST_TIMER),
    );
  };

  const run = async (): Promise<void> => {
    clearTimeout(timer);
    if (life.signal.aborted) return;
    if (isPaused()) return target.change("waiting");
    attempt = new AbortController();
    failures++;
    target.change("connecting");
    try {
      end(await connect(attempt.signal));
    } catch (error) {
      const { signal } = attempt;
      // Not every fetch hands on the reason.
      const cause: unknown = signal.aborted ? signal.reason : error;
      // Whatever is left of the body is not wanted.
      attempt.abort();
      attempt = undefined;
      clearTimeout(timer);
      if (life.signal.aborted) return;
      trouble =
        cause instanceof SseClientError
          ? cause
          : fail("ERR_DISCONNECTED", `the attempt failed: ${String(cause)}`, cause);
      if (failures >= maxAttempts || trouble.code === "ERR_OPTION") return end(trouble);
      // It was let go on purpose, and is resumed when the page is seen.
      if (isPaused()) return target.change("waiting");
      const told = trouble.retryAfter ?? retry;
      const now = Date.now();
      earliest = now + (told ?? 0);
      wait(now + Math.round(nextDelay(policy, failures, told)));
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
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
    // Headers may never be had: then there is no request that the signal could end.
    const request = await Promise.race([makeRequest(options, target.lastEventId), aborted]);
    const response = await fetch(url, { ...request, signal });
    if (response.status === 204) return undefined;
    const refusal = await readRefusal(response, url);
    if (refusal !== undefined) return refusal;
    signal.throwIfAborted();
    target.change("open");

    const messages: Message[] = [];
    const parse = createEventParser({
      maxEventSize,
      onMessage: (message) => messages.push(message),
      onRetry: (time) => (retry = time),
      onComment: () => (failures = 0),
    });
    const decoder = new TextDecoder();
    const reader = response.body!.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw fail("ERR_DISCONNECTED", "the stream ended before it was complete");
      watch();
      const fits = parse(decoder.decode(value, { stream: true }));
      // What has come is done with before more is asked for.
      for (const message of messages.splice(0)) {
        life.signal.throwIfAborted();
        if (message.event === END_EVENT) {
          const { outcome } = JSON.parse(message.data) as { readonly outcome: Outcome };
          return outcome === "done"
            ? undefined
            : fail(
                outcome === "cancelled" ? "ERR_CANCELLED" : "ERR_FAILED",
                `the server ended it as ${outcome}`,
              );
        }
        const taking = target.take(message);
        if (taking !== undefined) {
          // Who does not listen hears nothing.
          clearTimeout(timer);
          await taking;
          watch();
        }
        failures = 0;
      }
      if (!fits)
        return fail(
          "ERR_EVENT_TOO_LARGE",
          `an event has more than ${maxEventSize} characters (maxEventSize)`,
        );
    }
  };

  listenToSurroundings(look, life.signal);
  // Nothing is told in the caller's turn.
  queueMicrotask(() => void run());
  return { close };
}
