export {
  encode,
  encodeComment,
  encodeEnd,
  encodePosition,
  encodeReset,
  encodeRetry,
  normalize,
} from "./encode.js";
export { SSE_ENCODE_ERROR_CODES, SseEncodeError, type SseEncodeErrorCode } from "./errors.js";
export {
  event,
  type NamedEvent,
  type SseEvent,
  type SseShorthand,
  type SseYield,
} from "./event.js";
export { checkId, isLegalId } from "./id.js";
export type { Jsonify, Simplify } from "./jsonify.js";
export {
  END_EVENT,
  END_MARK,
  MAX_LAST_EVENT_ID_BYTES,
  POSITION_EVENT,
  RESERVED_PREFIX,
  RESET_EVENT,
  isEndMark,
  stripEndMark,
  type Outcome,
  type Reset,
  type ResetReason,
} from "./reserved.js";
export type {
  Carries,
  EncodedEvent,
  EntryOfMap,
  EventIn,
  EventMap,
  EventsOf,
  OfSource,
  SilentEvent,
  SseEvents,
} from "./types.js";
