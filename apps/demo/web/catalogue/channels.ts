import dashboard from "../../server/examples/dashboard.controller.ts?raw";
import inbox from "../../server/examples/inbox.controller.ts?raw";
import rooms from "../../server/examples/rooms.controller.ts?raw";
import dashboardClient from "../channels/dashboard.ts?raw";
import inboxClient from "../channels/inbox.ts?raw";
import roomClient from "../channels/room.ts?raw";
import lock from "../react/lock.tsx?raw";
import { reached } from "./answers.js";
import type { Example } from "./example.js";
import { clientFile, exampleFile } from "./files.js";

const TOO_LONG = "A boat, and another boat. ".repeat(12);

/** The controllers that show channels: what they keep, and how a stream resumes. */
export const CHANNELS: readonly Example[] = [
  {
    id: "room",
    title: "A room",
    summary:
      "The handler returns a channel; its types reach the page. Enter under another name in a second tab; cut the connection and see nothing missing when it is back.",
    source: exampleFile("rooms", rooms),
    path: "/rooms/{room}?name={name}",
    fields: [
      {
        name: "room",
        label: "Room",
        value: "lock",
        options: [
          { value: "lock", label: "The lock" },
          { value: "weir", label: "The weir" },
          { value: "harbour", label: "The harbour" },
        ],
      },
      { name: "name", label: "Your name", value: "Ada" },
    ],
    cut: true,
    resumes: { burst: (n) => ({ text: `Boat ${n} of 20 has passed.` }) },
    client: { view: "room", source: clientFile("channels/room.ts", roomClient) },
    call: {
      label: "Say",
      path: "/rooms/{room}/messages",
      fields: [{ name: "text", label: "Message", value: "The upper gate is open." }],
      body: ({ name, text }) => ({ name, text }),
      clears: "text",
      instead: { label: "Say too much", values: { text: TOO_LONG } },
      describe: reached("reached"),
    },
  },
  {
    id: "inbox",
    title: "Merged channels",
    summary:
      "Notifications for one user and for all: behind a guard that reads a header, a merge of the user's own channel and a common one. One connection, and one cursor that holds the place in each. Send to the other user: nothing arrives here, and the cursor stays.",
    source: exampleFile("inbox", inbox),
    path: "/inbox",
    headers: { Authorization: "Bearer {token}" },
    fields: [
      {
        name: "token",
        label: "Signed in as",
        value: "token",
        options: [
          { value: "token", label: "Ada" },
          { value: "guest", label: "Grace" },
          { value: "stranger", label: "nobody we know: 401" },
        ],
      },
    ],
    cut: true,
    resumes: {
      burst: (n, { token }) => ({
        to: n % 2 === 0 ? "everyone" : token === "guest" ? "Grace" : "Ada",
        title: `Notice ${n} of 20`,
      }),
    },
    client: { view: "inbox", source: clientFile("channels/inbox.ts", inboxClient) },
    call: {
      label: "Send",
      path: "/inbox/{to}",
      headers: { Authorization: "Bearer {token}" },
      fields: [
        {
          name: "to",
          label: "To",
          value: "Ada",
          options: [
            { value: "Ada", label: "Ada" },
            { value: "Grace", label: "Grace" },
            { value: "everyone", label: "everyone" },
          ],
        },
        { name: "title", label: "Title", value: "Your berth is ready" },
      ],
      body: ({ title }) => ({ title }),
      describe: reached("reached"),
    },
  },
  {
    id: "dashboard",
    title: "A dashboard",
    summary:
      "This server's process, four times a second, from one timer for everyone that stops when nobody is left. Who comes gets a snapshot; who is too slow gets the newest reading in place of a queue of old ones. While the tab is hidden, the client lets go of the connection.",
    source: exampleFile("dashboard", dashboard),
    path: "/dashboard",
    cut: true,
    resumes: {},
    client: {
      view: "dashboard",
      source: clientFile("channels/dashboard.ts", dashboardClient),
      canShare: true,
    },
  },
  {
    id: "lock",
    title: "The same, in React",
    summary:
      "useSse in a component: a boat for each stream that this server has open, and water as high as there is traffic. Start other cards, or this one in another tab, and see boats come in; where tabs share, one boat is enough for all of them.",
    source: exampleFile("dashboard", dashboard),
    path: "/dashboard",
    client: {
      view: "lock",
      source: clientFile("react/lock.tsx", lock),
      canShare: true,
      isFirst: true,
    },
    cut: true,
    resumes: {},
  },
];
