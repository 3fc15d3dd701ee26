import activity from "../../server/examples/activity.controller.ts?raw";
import answers from "../../server/examples/answers.controller.ts?raw";
import broadcast from "../../server/examples/broadcast.controller.ts?raw";
import countdown from "../../server/examples/countdown.controller.ts?raw";
import errors from "../../server/examples/errors.controller.ts?raw";
import fields from "../../server/examples/fields.controller.ts?raw";
import finite from "../../server/examples/finite.controller.ts?raw";
import guarded from "../../server/examples/guarded.controller.ts?raw";
import heartbeat from "../../server/examples/heartbeat.controller.ts?raw";
import jobs from "../../server/examples/jobs.controller.ts?raw";
import metrics from "../../server/examples/metrics.controller.ts?raw";
import notifications from "../../server/examples/notifications.controller.ts?raw";
import retry from "../../server/examples/retry.controller.ts?raw";
import time from "../../server/examples/time.controller.ts?raw";
import updates from "../../server/examples/updates.controller.ts?raw";
import answerClient from "../channels/answer.ts?raw";
import { reached } from "./answers.js";
import type { Example } from "./example.js";
import { clientFile, exampleFile as file } from "./files.js";
import { startJob } from "./start-job.js";

/** The demo's own controllers. */
export const EXAMPLES: readonly Example[] = [
  {
    id: "countdown",
    title: "Countdown",
    summary:
      "An async generator: what it yields goes out at once, and a slow client slows the producer down.",
    source: file("countdown", countdown),
    path: "/events/countdown",
    events: ["countdown", "complete"],
  },
  {
    id: "time",
    title: "Time",
    summary: "The imperative form: return an SseStream, send when you like, tidy up in onClose.",
    source: file("time", time),
    path: "/events/time",
    events: ["time"],
  },
  {
    id: "resume",
    title: "Resume by id",
    summary:
      "Events carry ids. Cut the connection: the browser comes back with the last id it saw, and the numbers go on without a gap.",
    source: file("updates", updates),
    path: "/events/updates",
    events: ["notification"],
    cut: true,
  },
  {
    id: "broadcast",
    title: "Broadcast",
    summary:
      "Everyone who listens gets what is posted. The answer says how many connections it reached; this card has two.",
    source: file("broadcast", broadcast),
    path: "/stream",
    events: ["notification"],
    call: {
      label: "Broadcast",
      path: "/broadcast",
      fields: [{ name: "message", label: "Message", value: "The lower gate opens at noon." }],
      describe: reached("sent"),
    },
  },
  {
    id: "notifications",
    title: "Notifications per user",
    summary: "A channel for each user. Send to another user and nothing arrives here.",
    source: file("notifications", notifications),
    path: "/notifications/stream?userId={userId}",
    events: ["notification"],
    fields: [{ name: "userId", label: "Listen as user", value: "ada" }],
    call: {
      label: "Notify",
      path: "/notifications/{to}",
      fields: [
        { name: "to", label: "To user", value: "ada" },
        { name: "title", label: "Title", value: "Water level 2.4 m" },
      ],
      body: ({ title }) => ({ title }),
      describe: reached("reached"),
    },
  },
  {
    id: "metrics",
    title: "Server metrics",
    summary: "What this server's process does, once a second, from an injected meter.",
    source: file("metrics", metrics),
    path: "/events/metrics",
    visual: "metrics",
  },
  {
    id: "activity",
    title: "Activity from an emitter",
    summary:
      "An injectable EventEmitter, one object for two controllers: one streams, the other reports.",
    source: file("activity", activity),
    path: "/activity/stream",
    events: ["activity"],
    call: {
      label: "Report",
      path: "/activity",
      fields: [
        { name: "userId", label: "User", value: "grace" },
        { name: "activity", label: "Activity", value: "opened the upper gate" },
      ],
      describe: reached("listeners"),
    },
  },
  {
    id: "progress",
    title: "Job progress",
    summary: "Start posts a job, then follows it by its id until it is done.",
    source: file("jobs", jobs),
    path: "/jobs/progress/{jobId}",
    events: ["start", "progress", "complete", "lost"],
    prepare: startJob,
    visual: "progress",
  },
  {
    id: "guard",
    title: "Guarded stream",
    summary:
      "Guards run before the stream opens, so that a refusal is a plain 401 or 403. EventSource can't send a header; its token travels in the query.",
    source: file("guarded", guarded),
    path: "/events/stream",
    browserPath: "/events/stream?access_token={token}",
    headers: { Authorization: "Bearer {token}" },
    events: ["secret"],
    fields: [
      {
        name: "token",
        label: "Token",
        value: "token",
        options: [
          { value: "token", label: "token (a member)" },
          { value: "guest", label: "guest (known, no member: 403)" },
          { value: "stranger", label: "stranger (unknown: 401)" },
        ],
      },
    ],
  },
  {
    id: "errors",
    title: "Errors",
    summary:
      "Caught: an event. Before the first event: an HTTP status. Later: the connection ends and the browser tries again, unless the error is final.",
    source: file("errors", errors),
    path: "/errors/{case}",
    events: ["reading", "failure", "end"],
    fields: [
      {
        name: "case",
        label: "Case",
        value: "caught",
        options: [
          { value: "caught", label: "caught by the handler" },
          { value: "before", label: "thrown before the first event" },
          { value: "later", label: "thrown after some events" },
          { value: "final", label: "a 4xx thrown after some events" },
        ],
      },
    ],
  },
  {
    id: "finite",
    title: "A stream that ends",
    summary:
      "When the generator returns, sluice.end goes out. The browser comes back once by itself, is answered 204, and stops: no client code.",
    source: file("finite", finite),
    path: "/events/finite",
    events: ["passed"],
  },
  {
    id: "heartbeat",
    title: "Heartbeat",
    summary:
      "Comments keep a quiet connection open. The wire shows them; the browser makes no event of them.",
    source: file("heartbeat", heartbeat),
    path: "/events/heartbeat",
  },
  {
    id: "retry",
    title: "Retry",
    summary: "The server sets the pause before the browser reconnects: here, two seconds.",
    source: file("retry", retry),
    path: "/events/retry",
    events: ["visit"],
  },
  {
    id: "fields",
    title: "All fields",
    summary: "Comment, event, id, retry, data; and what the data may be.",
    source: file("fields", fields),
    path: "/events/fields",
    events: ["notification"],
  },
  {
    id: "post",
    title: "POST that streams",
    summary:
      "The answer to a body, word by word. EventSource can only GET; Sluice's client sends what fetch can send.",
    source: file("answers", answers),
    path: "/answers",
    client: { view: "answer", source: clientFile("channels/answer.ts", answerClient) },
    fields: [{ name: "prompt", label: "Prompt", value: "What is a sluice?" }],
    body: ({ prompt }) => ({ prompt }),
  },
];
