import activity from "../../server/seeds/activity.ts?raw";
import allFields from "../../server/seeds/all-fields.ts?raw";
import asyncGenerators from "../../server/seeds/async-generators.ts?raw";
import countdown from "../../server/seeds/countdown.ts?raw";
import dependencyInjection from "../../server/seeds/dependency-injection.ts?raw";
import errorHandling from "../../server/seeds/error-handling.ts?raw";
import guards from "../../server/seeds/guards.ts?raw";
import keepAlive from "../../server/seeds/keep-alive.ts?raw";
import metrics from "../../server/seeds/metrics.ts?raw";
import progress from "../../server/seeds/progress.ts?raw";
import protocolDetails from "../../server/seeds/protocol-details.ts?raw";
import reconnection from "../../server/seeds/reconnection.ts?raw";
import resourceCleanup from "../../server/seeds/resource-cleanup.ts?raw";
import sseStream from "../../server/seeds/sse-stream.ts?raw";
import streamApi from "../../server/seeds/stream-api.ts?raw";
import { reached } from "./answers.js";
import type { Example } from "./example.js";

/** The guide's examples, with the code that is printed there. */
export const PRINTED: readonly Example[] = [
  printed("async-generators", asyncGenerators, {
    title: "Async generators",
    summary: "The quick start: ten updates between a greeting and a farewell.",
    path: "/events/updates",
    events: ["connected", "update", "complete"],
  }),
  printed("sse-stream", sseStream, {
    title: "SseStream",
    summary: "The same thing imperatively: the stream closes itself after ten events.",
    path: "/events/time",
    events: ["time"],
  }),
  printed("all-fields", allFields, {
    title: "Example with all fields",
    summary: "One event that has every field.",
    path: "/events/notifications",
    events: ["notification"],
  }),
  printed("dependency-injection", dependencyInjection, {
    title: "Dependency injection",
    summary: "A service is asked for a user's next notification once a second.",
    path: "/notifications/stream?userId={userId}",
    events: ["connected", "notification"],
    fields: [{ name: "userId", label: "Listen as user", value: "ada" }],
    call: {
      label: "Send",
      path: "/seeds/dependency-injection/notifications/{to}",
      fields: [
        { name: "to", label: "To user", value: "ada" },
        { name: "title", label: "Title", value: "Hello" },
      ],
      body: ({ title }) => ({ title }),
      describe: () => "Put into the user's box. The first stream that asks takes it.",
    },
  }),
  printed("stream-api", streamApi, {
    title: "SseStream methods",
    summary: "Each method of the reference, in one stream.",
    path: "/events/methods",
    events: ["greeting"],
  }),
  printed("countdown", countdown, {
    title: "Countdown timer",
    summary: "From 10 to 1.",
    path: "/events/countdown",
    events: ["countdown", "complete"],
  }),
  printed("metrics", metrics, {
    title: "Live server metrics",
    summary: "What Node says of the process, as it says it.",
    path: "/monitoring/metrics",
    events: ["metrics"],
  }),
  printed("activity", activity, {
    title: "Event-driven updates",
    summary: "A service that is an EventEmitter.",
    path: "/activity/stream",
    events: ["activity"],
    call: {
      label: "Track",
      path: "/seeds/activity/activity",
      fields: [
        { name: "userId", label: "User", value: "grace" },
        { name: "activity", label: "Activity", value: "login" },
      ],
      describe: reached("listeners"),
    },
  }),
  printed("progress", progress, {
    title: "Progress tracking",
    summary: "From 0 to 100 in steps of ten.",
    path: "/jobs/progress/{jobId}",
    events: ["start", "progress", "complete"],
    fields: [{ name: "jobId", label: "Job", value: "job-7" }],
    visual: "progress",
  }),
  printed("keep-alive", keepAlive, {
    title: "Keep-alive comments",
    summary: "A comment every fifteen seconds, and nothing else.",
    path: "/events/updates",
  }),
  printed("error-handling", errorHandling, {
    title: "Error handling",
    summary: "Its source fails after three items; catch and finally each send an event.",
    path: "/events/data",
    events: ["start", "data", "error", "end"],
  }),
  printed("resource-cleanup", resourceCleanup, {
    title: "Resource clean-up",
    summary: "A subscription that is given up when the stream closes.",
    path: "/events/events",
  }),
  printed("reconnection", reconnection, {
    title: "Event ids and reconnection",
    summary: "Cut the connection: the count goes on from the id that comes back.",
    path: "/events/updates",
    cut: true,
  }),
  printed("guards", guards, {
    title: "Guards",
    summary:
      "The guard takes a bearer token for the user's id. EventSource has no way to send one.",
    path: "/private/notifications",
    headers: { Authorization: "Bearer {token}" },
    events: ["notification"],
    fields: [{ name: "token", label: "Token (the user's id)", value: "ada" }],
    call: {
      label: "Send",
      path: "/seeds/guards/notifications/{to}",
      fields: [
        { name: "to", label: "To user", value: "ada" },
        { name: "title", label: "Title", value: "For your eyes only" },
      ],
      body: ({ title }) => ({ title }),
      describe: () => "Put into the user's box.",
    },
  }),
  printed("protocol-details", protocolDetails, {
    title: "Protocol details",
    summary: "The frames that the guide prints to explain the format.",
    path: "/events/frames",
    events: ["greeting", "update"],
  }),
];

/** Gives an example the prefix under which the server has it, and a name of its own on the page. */
function printed(name: string, text: string, example: Omit<Example, "id" | "source">): Example {
  return {
    ...example,
    id: `printed-${name}`,
    path: `/seeds/${name}${example.path}`,
    source: { path: `apps/demo/server/seeds/${name}.ts`, text },
  };
}
