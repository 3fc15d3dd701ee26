export {
  type EventMap,
  type EventsOf,
  json,
  type ReceivedEvent,
  type ReceivedEventOf,
  type Reset,
  SseClientError,
  type SseClientErrorCode,
  text,
} from "@sluice/client";
export type { SseUrl } from "./identity.js";
export type {
  LatestData,
  ReducedSseOptions,
  SseHandlers,
  SseReduction,
  SseSettings,
  UseSseOptions,
} from "./options.js";
export type { SseState, UseSseResult } from "./result.js";
export { useSse } from "./use-sse.js";
