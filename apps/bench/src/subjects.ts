/** The paths of the contract on which a subject has streams. */
export type Streams = "fan" | "one" | "idle" | "open" | "replay" | "endless";

export type SubjectName =
  | "sluice"
  | "limit"
  | "node-http"
  | "floor"
  | "fastify-sse"
  | "fastify-sse-v2"
  | "better-sse"
  | "nestjs"
  | "hono"
  | "h3"
  | "trpc"
  | "sse-pubsub"
  | "transmit"
  | "nchan";

/** A server that is measured. */
export interface Subject {
  readonly name: SubjectName;
  /** What the report calls it. */
  readonly label: string;
  /** Bounds are no frameworks: they say what can be had at all. */
  readonly kind: "sluice" | "bound" | "peer";
  /** `core` is measured more often, `slow` once. */
  readonly tier: "core" | "peers" | "slow";
  /** The program and its arguments, from the folder of the benchmark: this Node, or one in C. */
  readonly command: readonly ["node" | "floor", ...string[]];
  /** Whether the work is done by children of the process. */
  readonly children: boolean;
  readonly streams: readonly Streams[];
  /** About how many times the work of plain Node it takes: for the estimate of how long a run is. */
  readonly slowness: number;
  /** Whose versions the report names: packages of npm, or of Debian for one that npm has not. */
  readonly packages: readonly string[];
  /** What its users would not expect, as sentences that lack its name: for the report. */
  readonly notes?: readonly string[];
}

const EVERYTHING: readonly Streams[] = ["fan", "one", "idle", "open", "replay", "endless"];
const NO_REPLAY: readonly Streams[] = ["fan", "one", "idle", "open", "endless"];
const NO_GENERATORS: readonly Streams[] = ["fan", "idle", "open", "replay"];

const ours = (name: string): Pick<Subject, "tier" | "command" | "children"> => ({
  tier: "core",
  command: ["node", "--expose-gc", `dist/servers/${name}.js`],
  children: false,
});

const peer = (name: string): Pick<Subject, "kind" | "tier" | "command" | "children"> => ({
  kind: "peer",
  tier: "peers",
  command: ["node", "--expose-gc", `peers/${name}.mjs`],
  children: false,
});

/** In the order of the report. */
export const subjects: readonly Subject[] = [
  {
    ...ours("sluice"),
    name: "sluice",
    label: "Sluice",
    kind: "sluice",
    streams: EVERYTHING,
    slowness: 0.8,
    packages: [],
  },
  {
    ...ours("limit"),
    name: "limit",
    label: "limit of Node",
    kind: "bound",
    streams: EVERYTHING,
    slowness: 0.7,
    packages: [],
  },
  {
    ...ours("node-http"),
    name: "node-http",
    label: "node:http",
    kind: "peer",
    streams: EVERYTHING,
    slowness: 1,
    packages: [],
  },
  {
    name: "floor",
    label: "floor (C, epoll)",
    kind: "bound",
    tier: "core",
    command: ["floor"],
    children: false,
    streams: ["fan"],
    slowness: 0.5,
    packages: [],
  },
  {
    ...peer("fastify-sse"),
    name: "fastify-sse",
    label: "@fastify/sse",
    streams: EVERYTHING,
    slowness: 1.6,
    packages: ["@fastify/sse", "fastify"],
  },
  {
    ...peer("fastify-sse-v2"),
    name: "fastify-sse-v2",
    label: "fastify-sse-v2",
    streams: NO_REPLAY,
    slowness: 2.5,
    packages: ["fastify-sse-v2"],
  },
  {
    ...peer("better-sse"),
    name: "better-sse",
    label: "better-sse",
    streams: ["fan", "one", "idle", "open", "replay"],
    slowness: 1.8,
    packages: ["better-sse"],
    notes: [
      "waits for no client: a generator that never waits itself keeps the event loop and fills the memory, so it is left out of `leave`.",
    ],
  },
  {
    ...peer("nestjs"),
    name: "nestjs",
    label: "NestJS",
    streams: ["fan", "one", "idle", "open"],
    slowness: 2.8,
    packages: ["@nestjs/core", "@nestjs/platform-fastify"],
    notes: [
      "streams observables, which can't be told to wait: a generator that never waits itself keeps the event loop and fills the memory, so it is left out of `leave`.",
    ],
  },
  {
    ...peer("hono"),
    name: "hono",
    label: "Hono",
    streams: NO_REPLAY,
    slowness: 6,
    packages: ["hono", "@hono/node-server"],
  },
  {
    ...peer("h3"),
    name: "h3",
    label: "h3",
    streams: NO_REPLAY,
    slowness: 5,
    packages: ["h3"],
  },
  {
    ...peer("trpc"),
    tier: "slow",
    name: "trpc",
    label: "tRPC",
    streams: EVERYTHING,
    slowness: 35,
    packages: ["@trpc/server"],
    notes: [
      "is measured without heartbeats, as it is without configuration: with them its process ended by an unhandled `AbortError` once a client left while events waited for it.",
    ],
  },
  {
    ...peer("sse-pubsub"),
    name: "sse-pubsub",
    label: "sse-pubsub",
    streams: NO_GENERATORS,
    slowness: 1.1,
    packages: ["sse-pubsub"],
    notes: [
      "holds what belongs to a client that left until its stream would have ended by itself.",
    ],
  },
  {
    ...peer("transmit"),
    name: "transmit",
    label: "Transmit",
    streams: ["fan", "idle", "open"],
    slowness: 2,
    packages: ["@boringnode/transmit"],
  },
  {
    ...peer("nchan"),
    name: "nchan",
    label: "nchan (nginx)",
    children: true,
    streams: NO_GENERATORS,
    slowness: 0.9,
    packages: ["libnginx-mod-nchan", "nginx"],
  },
];

/** @param name - of one in {@link subjects} */
export function subject(name: SubjectName): Subject {
  return subjects.find((subject) => subject.name === name)!;
}
