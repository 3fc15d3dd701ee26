import { ActivityController } from "./activity.js";
import { EventsController as AllFields } from "./all-fields.js";
import { EventsController as AsyncGenerators } from "./async-generators.js";
import { EventsController as Countdown } from "./countdown.js";
import { NotificationsController } from "./dependency-injection.js";
import { EventsController as ErrorHandling } from "./error-handling.js";
import { PrivateEventsController } from "./guards.js";
import { EventsController as KeepAlive } from "./keep-alive.js";
import { MonitoringController } from "./metrics.js";
import { JobsController } from "./progress.js";
import { EventsController as ProtocolDetails } from "./protocol-details.js";
import { EventsController as Reconnection } from "./reconnection.js";
import { EventsController as ResourceCleanup } from "./resource-cleanup.js";
import { EventsController as SseStreamExample } from "./sse-stream.js";
import { EventsController as StreamApi } from "./stream-api.js";
import { ActivityPublisher, MessagesPublisher } from "./support/publishers.js";

/** The printed examples. Several use the same path, so that each has a prefix: its file's name. */
export const seeds = {
  "activity": [ActivityController, ActivityPublisher],
  "all-fields": [AllFields],
  "async-generators": [AsyncGenerators],
  "countdown": [Countdown],
  "dependency-injection": [NotificationsController, MessagesPublisher],
  "error-handling": [ErrorHandling],
  "guards": [PrivateEventsController, MessagesPublisher],
  "keep-alive": [KeepAlive],
  "metrics": [MonitoringController],
  "progress": [JobsController],
  "protocol-details": [ProtocolDetails],
  "reconnection": [Reconnection],
  "resource-cleanup": [ResourceCleanup],
  "sse-stream": [SseStreamExample],
  "stream-api": [StreamApi],
} as const;
