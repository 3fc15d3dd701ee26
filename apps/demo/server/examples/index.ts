import { ActivityController, ActivityReportsController } from "./activity.controller.js";
import { AnswersController } from "./answers.controller.js";
import { BroadcastController } from "./broadcast.controller.js";
import { ChatController } from "./chat.controller.js";
import { CountdownController } from "./countdown.controller.js";
import { DashboardController } from "./dashboard.controller.js";
import { ErrorsController } from "./errors.controller.js";
import { FieldsController } from "./fields.controller.js";
import { FiniteController } from "./finite.controller.js";
import { GuardedController } from "./guarded.controller.js";
import { HeartbeatController } from "./heartbeat.controller.js";
import { InboxController } from "./inbox.controller.js";
import { JobsController } from "./jobs.controller.js";
import { MetricsController } from "./metrics.controller.js";
import { NotificationsController } from "./notifications.controller.js";
import { RetryController } from "./retry.controller.js";
import { RoomsController } from "./rooms.controller.js";
import { TimeController } from "./time.controller.js";
import { UpdatesController } from "./updates.controller.js";

/** The demo's own controllers. They share one container, and so their services. */
export const examples = [
  ActivityController,
  ActivityReportsController,
  AnswersController,
  BroadcastController,
  ChatController,
  CountdownController,
  DashboardController,
  ErrorsController,
  FieldsController,
  FiniteController,
  GuardedController,
  HeartbeatController,
  InboxController,
  JobsController,
  MetricsController,
  NotificationsController,
  RetryController,
  RoomsController,
  TimeController,
  UpdatesController,
];
