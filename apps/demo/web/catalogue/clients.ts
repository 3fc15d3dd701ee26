import backoff from "../clients/backoff.ts?raw";
import { connectWithBackoff } from "../clients/backoff.js";
import counter from "../clients/counter.ts?raw";
import dashboard from "../clients/dashboard.tsx?raw";
import eventSource from "../clients/event-source.ts?raw";
import { connect } from "../clients/event-source.js";
import liveEvents from "../clients/live-events.tsx?raw";
import messages from "../clients/messages.ts?raw";
import type { Output } from "../clients/output.js";
import type { SourceFile } from "../view/code.js";
import type { Call } from "./example.js";
import { notifyCall } from "./notify-call.js";

/** How a client is run: by a function that writes lines, as a component, or as a page of its own. */
export type ClientKind =
  | {
      readonly kind: "console";
      /** @param handle - marks its connections, so that the server can cut them */
      readonly run: (output: Output, handle: string) => () => void;
    }
  | { readonly kind: "component"; readonly name: "dashboard" | "live-events" }
  | { readonly kind: "page"; readonly href: string };

/** A client that one of the guides prints. */
export interface Client {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly source: SourceFile;
  readonly runs: ClientKind;
  readonly call?: Call;
}

export const CLIENTS: readonly Client[] = [
  {
    id: "client-event-source",
    title: "EventSource",
    summary: "The plain client, against “Resume by id”. It closes at the first error: try the cut.",
    source: file("event-source.ts", eventSource),
    runs: {
      kind: "console",
      run: (output, handle) => connect(`/events/updates?handle=${handle}`, output),
    },
  },
  {
    id: "client-backoff",
    title: "Exponential backoff",
    summary: "Reconnects by hand, each time later. Cut the connection to see it.",
    source: file("backoff.ts", backoff),
    runs: {
      kind: "console",
      run: (output, handle) => connectWithBackoff(`/express/events?handle=${handle}`, output),
    },
  },
  {
    id: "client-react-hook",
    title: "React hook",
    summary: "useSSE, and a dashboard that uses it. React is loaded when it starts.",
    source: file("dashboard.tsx", dashboard),
    runs: { kind: "component", name: "dashboard" },
  },
  {
    id: "client-live-events",
    title: "React component",
    summary: "A list of what /api/send broadcasts.",
    source: file("live-events.tsx", liveEvents),
    runs: { kind: "component", name: "live-events" },
    call: {
      label: "Send",
      path: "/api/send",
      fields: [{ name: "message", label: "Message", value: "Server metrics refreshed" }],
      body: ({ message }) => ({ event: "update", data: { message } }),
      describe: (answer) => `Reached ${String(answer["sent"])}.`,
    },
  },
  {
    id: "client-messages",
    title: "HTML page: messages",
    summary: "Shows who is online, and notifications. It opens in a tab of its own.",
    source: file("messages.ts", messages),
    runs: { kind: "page", href: "./clients/messages.html" },
    call: notifyCall,
  },
  {
    id: "client-counter",
    title: "HTML page: counter",
    summary: "Shows the last number that the server said. It opens in a tab of its own.",
    source: file("counter.ts", counter),
    runs: { kind: "page", href: "./clients/counter.html" },
  },
];

function file(name: string, text: string): SourceFile {
  return { path: `apps/demo/web/clients/${name}`, text };
}
