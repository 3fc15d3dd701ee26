export { type BrokerCase, brokerConformance } from "./broker-conformance.js";
export type { BrokerConformanceOptions } from "./broker/options.js";
export { ChaosBroker } from "./chaos-broker.js";
export type { ChaosFaults, ChaosOptions } from "./chaos-options.js";
export { SSE_TEST_ERROR_CODES, SseTestError, type SseTestErrorCode } from "./errors.js";
export {
  expectEnd,
  type ExpectEndOptions,
  expectEvent,
  type ExpectOptions,
} from "./expect-event.js";
export type { AsymmetricMatcher, EventPart, ExpectedEvent, Part } from "./expected-event.js";
export { type LeakWatch, watchLeaks } from "./leaks.js";
export { type EventName, type EventOf, ReceivedEvent } from "./received-event.js";
export type { SseTestOptions } from "./request.js";
export type { RunStoreConformanceOptions } from "./run-store/options.js";
export { type RunStoreCase, runStoreConformance } from "./run-store-conformance.js";
export { SseTestClient } from "./test-client.js";
export { testSse } from "./test-sse.js";
