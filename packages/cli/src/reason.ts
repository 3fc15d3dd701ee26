import { STATUS_CODES } from "node:http";
import type { SseClientError } from "@sluice/client";
import { harmless } from "./harmless.js";
import type { Answer } from "./metered-fetch.js";
import { fit } from "./width.js";

/** What is shown of a server's words, in columns. */
const MOST = 300;

/** What the codes of Node and undici mean. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "the connection was cut",
  EAI_AGAIN: "the host's name can't be looked up",
  ENOTFOUND: "there is no such host",
  ETIMEDOUT: "the host does not answer",
  UND_ERR_BODY_TIMEOUT: "nothing came for 5 minutes",
  UND_ERR_CONNECT_TIMEOUT: "the host does not answer",
  UND_ERR_HEADERS_TIMEOUT: "the server does not answer",
  UND_ERR_SOCKET: "the connection was cut",
};

/** Certificates that can be trusted nonetheless. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/;

/** Why a stream was lost, refused or given up, in a few words. What others have said in it is made harmless. */
export function reasonOf(error: SseClientError, answer: Answer | undefined): string {
  switch (error.code) {
    case "ERR_REFUSED":
    case "ERR_UNAVAILABLE":
      return [statusOf(error), wordsOf(error)].filter(Boolean).join(": ");
    case "ERR_NOT_A_STREAM":
      return `no stream of events, but ${harmless(answer?.type ?? "an answer without a type")} (${statusOf(error)})`;
    case "ERR_DISCONNECTED":
      if (answer?.isWhole === true) return "the server ended it";
      return networkReason(error.cause) ?? "the connection was cut";
    case "ERR_SILENT":
      return "nothing was heard, not even a keep-alive";
    case "ERR_CANCELLED":
      return "the server says that somebody cancelled it";
    case "ERR_FAILED":
      return "the server says that it failed, and that coming back is no use";
    case "ERR_EVENT_TOO_LARGE":
      return "an event is larger than 16 MiB";
    case "ERR_INVALID_EVENT":
    case "ERR_OPTION":
    case "ERR_RESET":
      return harmless(error.message);
  }
}

function statusOf({ status = 0 }: SseClientError): string {
  return [status, STATUS_CODES[status]].filter(Boolean).join(" ");
}

/** What the server says, where that is text and no page. */
function wordsOf({ body = "" }: SseClientError): string {
  const words = body.trim();
  return words.startsWith("<") ? "" : fit(harmless(words.replaceAll(/\s+/g, " ")), MOST);
}

/** The first thing in a chain of causes that says something. */
function networkReason(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code = "" } = cause as NodeJS.ErrnoException;
  if (NETWORK[code] !== undefined) return NETWORK[code];
  const deeper = networkReason(cause.cause);
  if (deeper !== undefined) return deeper;
  const hint = UNTRUSTED.test(code) ? " (NODE_EXTRA_CA_CERTS=FILE adds one to trust)" : "";
  return cause.message === "" ? undefined : fit(harmless(cause.message), MOST) + hint;
}
