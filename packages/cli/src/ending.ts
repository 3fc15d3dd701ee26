import type { SseClientError } from "@sluice/client";

/** Why a tail is over. */
export type Ending =
  /** The server has said that the stream is complete. */
  | { readonly why: "complete" }
  /** It was complete before `--count` was reached. */
  | { readonly why: "short" }
  /** `--count` is reached. */
  | { readonly why: "count" }
  /** The response has ended in good order, without a word that the stream is complete; nobody asked to come back. */
  | { readonly why: "ended" }
  /** Who read the output has had enough, as `head` has. */
  | { readonly why: "reader" }
  /** The output can't be written: a disk is full. */
  | { readonly why: "output"; readonly error: Error }
  /** The client has given up. */
  | { readonly why: "error"; readonly error: SseClientError }
  /** `--timeout` has passed. */
  | { readonly why: "timeout" }
  | { readonly why: "signal"; readonly signal: "SIGINT" | "SIGTERM" };
