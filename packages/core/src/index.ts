export {
  type Carries,
  encode,
  encodeComment,
  encodeEnd,
  encodePosition,
  encodeReset,
  encodeRetry,
  END_EVENT,
  END_MARK,
  event,
  type EventIn,
  type EventMap,
  type EventsOf,
  isEndMark,
  isLegalId,
  type Jsonify,
  MAX_LAST_EVENT_ID_BYTES,
  type NamedEvent,
  normalize,
  type Outcome,
  POSITION_EVENT,
  type Reset,
  RESET_EVENT,
  type ResetReason,
  type SseEvent,
  SseEncodeError,
  type SseEncodeErrorCode,
  type SseEvents,
  type SseYield,
  stripEndMark,
} from "@sluice/protocol";
export { Batch } from "./channel/batch.js";
export type {
  Broker,
  Entry,
  EntryKind,
  Follower,
  Following,
  HistoryBounds,
  Page,
  PageOfEntries,
  Publication,
  RefusedPage,
  Refusal,
} from "./channel/broker.js";
export { type CountedId, formatCountedId, newNonce, parseCountedId } from "./channel/counted-id.js";
export { Channel } from "./channel/channel.js";
export type {
  ChannelOptions,
  ChannelOverflow,
  FlowOptions,
  HistoryOptions,
  StateReader,
} from "./channel/channel-options.js";
export { Channels, type ChannelsOptions } from "./channel/channels.js";
export { outcomeOfEnd } from "./channel/outcome.js";
export { Merged } from "./channel/merged.js";
export type { Published, PublishIn } from "./channel/publication.js";
export type { ReceivedEvent, SubscribeOptions } from "./channel/subscribe-options.js";
export { Subscription } from "./channel/subscription.js";
export { MemoryBroker, type MemoryBrokerOptions } from "./channel/memory-broker.js";
export type { CloseReason } from "./close-reason.js";
export {
  type ClosableConnection,
  type CloseOptions,
  type ConnectionPredicate,
  Connections,
  type Revoked,
  type RevokeOptions,
} from "./connections/connections.js";
export type { LiveConnection } from "./connections/live-connection.js";
export type { NewRevocation, Nodes, NodesListener, Revocation } from "./connections/nodes.js";
export type { ConnectionSelector } from "./connections/selector.js";
export { type Duration, toMilliseconds } from "./duration.js";
export { SLUICE_ERROR_CODES, SluiceError, type SluiceErrorCode } from "./errors.js";
export { idOfFrame } from "./channel/entry-frame.js";
export { Frame } from "./frame.js";
export { type EventMapper, mapEvents } from "./map-events.js";
export { SharedText } from "./shared-text.js";
export {
  iterate,
  type Producer,
  type PullProducer,
  type PushProducer,
  type SourceItem,
  type SourceIterator,
  type SseSource,
  toProducer,
} from "./source.js";
export { MemoryRunStore } from "./run/memory-run-store.js";
export type {
  FinalRunState,
  NewRun,
  Renewal,
  RunRecord,
  RunState,
  RunStore,
} from "./run/run-store.js";
export { type Flushable, scheduleFlush } from "./turn.js";
export { stopIterator } from "./stop-iterator.js";
export type { ObservableLike } from "./stream/observable.js";
export {
  ATTACH,
  type Attachment,
  type Outlet,
  type PushSource,
  type Sink,
  type StreamLimits,
  type StreamOverflow,
} from "./stream/push-source.js";
export {
  type CloseListener,
  DEFAULT_MAX_BUFFERED_BYTES,
  SseStream,
  type SseStreamOptions,
} from "./stream/sse-stream.js";

export type { DependencyContainer } from "./container.js";
export { Controller, type ControllerOptions } from "./decorators/controller.js";
export { Inject, Injectable, type InjectableOptions } from "./decorators/injectable.js";
export type { ClassOrMethodDecorator, MethodDecorator } from "./decorators/metadata.js";
export {
  Body,
  Cookies,
  createParamDecorator,
  Ctx,
  Headers,
  Ip,
  LastEventId,
  Param,
  type ParameterDecorator,
  Query,
  Reply,
  Req,
  Signal,
} from "./decorators/parameters.js";
export { Delete, Get, Patch, Post, Put, Sse } from "./decorators/routes.js";
export { Run } from "./decorators/run.js";
export type { StreamDecorator } from "./decorators/stream-decorator.js";
export { UseGuards } from "./decorators/use-guards.js";
export { UseInterceptors } from "./decorators/use-interceptors.js";
export type { DurationUnit } from "./duration.js";
export type { SluiceErrorOptions } from "./errors.js";
export { REQUEST_CONTEXT } from "./injection/graph.js";
export type {
  Class,
  ClassProvider,
  FactoryProvider,
  Provider,
  Resolve,
  Scope,
  Token,
  ValueProvider,
} from "./injection/provider.js";
export { allow, type AllowList } from "./pipeline/allow-list.js";
export { compile, type CompiledApplication, type CompileOptions } from "./pipeline/compile.js";
export type { AdapterTypes, Context, RouteInfo, Verb } from "./pipeline/context.js";
export {
  every,
  type Guard,
  type GuardExpression,
  type GuardFunction,
  type GuardLike,
  not,
  some,
} from "./pipeline/guard.js";
export { HttpError, type HttpErrorOptions } from "./pipeline/http-error.js";
export type {
  Interceptor,
  InterceptorFunction,
  InterceptorLike,
  Next,
} from "./pipeline/interceptor.js";
export type { RouteOptions, SseOptions, VerbOptions } from "./pipeline/route-options.js";
export type { CompiledRoute, Invocation, SseRoute, VerbRoute } from "./pipeline/route.js";
export type { RunContext } from "./run/run-context.js";
export type { RunInfo } from "./run/run-info.js";
export type { RunOptions, RunsOptions } from "./run/run-options.js";
export { RunLimitError, type RunLimitName } from "./run/run-limit-error.js";
export { type ListenOptions, RunSource } from "./run/run-source.js";
export { type AttachOptions, type RunOwner, Runs } from "./run/runs.js";
export type { LocalRun, ObservedRun, RunEnd, RunsObserver } from "./run/runs-observer.js";
export { ValidationError, type ValidationIssue } from "./pipeline/validate.js";
