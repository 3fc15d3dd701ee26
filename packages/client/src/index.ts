export type {
  Carries,
  EventMap,
  EventsOf,
  Reset,
  ResetReason,
  SseEvent,
  SseEvents,
} from "@sluice/protocol";
export type { ReconnectOptions } from "./backoff.js";
export type { SseClient } from "./client.js";
export { connect } from "./connect.js";
export { SSE_CLIENT_ERROR_CODES, SseClientError, type SseClientErrorCode } from "./errors.js";
export type { ReceivedEvent, ReceivedEventOf, TextEvents } from "./events.js";
export type { FetchLineOptions } from "./fetch-line.js";
export type { ClientState, Line, LineTarget, Message, OpenLine } from "./line.js";
export type { ClientOptions, ConnectOptions, ParseOptions } from "./options.js";
export { json, type Parse, text } from "./payload.js";
export type { RequestOptions } from "./request.js";
