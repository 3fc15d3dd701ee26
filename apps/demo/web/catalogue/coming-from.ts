import api from "../../server/coming-from/api.controller.ts?raw";
import counter from "../../server/coming-from/counter.controller.ts?raw";
import expressBasic from "../../server/coming-from/express-basic.controller.ts?raw";
import express from "../../server/coming-from/express.controller.ts?raw";
import moro from "../../server/coming-from/moro.controller.ts?raw";
import { reached } from "./answers.js";
import type { Example } from "./example.js";
import { notifyCall } from "./notify-call.js";

/** What other frameworks' guides show, as controllers. */
export const COMING_FROM: readonly Example[] = [
  {
    id: "moro-events",
    title: "MoroJS: retry and keep-alive",
    summary: "An update every five seconds, with the two options of res.sse().",
    source: file("moro", moro),
    path: "/moro/events",
    events: ["update"],
  },
  {
    id: "moro-kinds",
    title: "MoroJS: event types",
    summary:
      "Three types on one stream. An event named “error” also reaches onerror: choose another name where you can.",
    source: file("moro", moro),
    path: "/moro/kinds",
    events: ["update", "error"],
  },
  {
    id: "express-basic",
    title: "Express: basic server",
    summary: "A greeting, and a broadcast of plain text instead of a list of responses.",
    source: file("express-basic", expressBasic),
    path: "/express-basic/events",
    call: {
      label: "Broadcast",
      path: "/express-basic/broadcast",
      fields: [{ name: "message", label: "Message", value: "Hello, everyone" }],
      describe: reached("sent"),
    },
  },
  {
    id: "express-presence",
    title: "Express: who is online",
    summary: "Each connection is told its id and how many there are; a POST notifies all of them.",
    source: file("express", express),
    path: "/express/events",
    events: ["user-online", "user-count", "notification"],
    call: notifyCall,
  },
  {
    id: "express-user",
    title: "Express: notifications per user",
    summary: "The guide's Map of users is a feed per user.",
    source: file("express", express),
    path: "/express/events/{userId}",
    fields: [{ name: "userId", label: "User", value: "user-123" }],
    call: {
      label: "Notify",
      path: "/express/notify/{to}",
      fields: [
        { name: "to", label: "To user", value: "user-123" },
        { name: "text", label: "Text", value: "You have mail" },
      ],
      body: ({ text }) => ({ text }),
      describe: () => "Sent.",
    },
  },
  {
    id: "express-analytics",
    title: "Express: live analytics",
    summary: "Three numbers a second.",
    source: file("express", express),
    path: "/express/analytics",
  },
  {
    id: "express-api",
    title: "Express service: /api/events and /api/send",
    summary: "The stream opens with the retry time that SSE_RETRY_TIMEOUT sets.",
    source: file("api", api),
    path: "/api/events",
    events: ["update"],
    call: {
      label: "Send",
      path: "/api/send",
      fields: [{ name: "message", label: "Message", value: "Server metrics refreshed" }],
      body: ({ message }) => ({ event: "update", data: { message } }),
      describe: reached("sent"),
    },
  },
  {
    id: "counter",
    title: "Plain JavaScript: a counter",
    summary: "A number a second, for pages of other origins on this machine too.",
    source: file("counter", counter),
    path: "/counter/events",
  },
];

function file(name: string, text: string): Example["source"] {
  return { path: `apps/demo/server/coming-from/${name}.controller.ts`, text };
}
