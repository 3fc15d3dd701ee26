import type { LoadOptions, LoadTarget, Scenario } from "../native/load.js";

/** What the load client is told to do, and about how long that takes. */
export interface Load extends Order {
  /** The same without what is looked for: measured first, on a server of its own. */
  readonly control?: Order;
  /** Done first on the same server, and not counted, so that its code has been compiled. */
  readonly warmUp?: Order;
  /** The same in words, for the report. */
  readonly pace: string;
  /** Milliseconds until all connections are there, with plain Node, about. */
  readonly opening: number;
  /** Milliseconds of gaps and holds. Work is done meanwhile. */
  readonly waits: number;
  /** Milliseconds that plain Node works once all connections are there, about. */
  readonly work: number;
}

/** A scenario of the load client. */
export interface Order {
  readonly scenario: Scenario;
  readonly options: Readonly<Record<string, string | number>>;
}

/** Options of the load client but for those that say which server it is. */
type Told<S extends Scenario> = Omit<LoadOptions[S], keyof LoadTarget | "timeout">;

function order<S extends Scenario>(scenario: S, options: Told<S>): Order {
  return { scenario, options: options as Order["options"] };
}

/** What warms a server up: a second of work, about. */
const WARM_CONNECTIONS = 10;
const WARM_TURNS = 400;

/** Milliseconds that it takes plain Node to accept a connection, about, with the client's part. */
const ACCEPT = 0.3;

export interface Fan {
  readonly connections: number;
  readonly turns: number;
  /** Events in each turn. @defaultValue 1 */
  readonly burst?: number;
  /** Milliseconds between turns. */
  readonly gap: number;
  /** Each turn publishes `burst` events to each of so many. @defaultValue 1 */
  readonly channels?: number;
}

/** Published events that go to many connections. */
export function fan({ connections, turns, burst = 1, gap, channels = 1 }: Fan): Load {
  const each = turns * burst;
  const post = { turns, burst: burst * channels, gap, channels };
  const several = channels === 1 ? "" : ` over ${count(channels, "channel")}`;
  const events = channels === 1 ? count(burst, "event") : `${count(burst, "event")} a channel`;
  return {
    ...order("fan", {
      connections,
      path: "/fan",
      post: `/publish?${query(post)}`,
      expect: each,
      ...(channels > 1 && { channels }),
    }),
    warmUp: order("fan", {
      connections: WARM_CONNECTIONS,
      path: "/fan",
      post: `/publish?${query({ turns: WARM_TURNS, burst, gap: 1 })}`,
      expect: WARM_TURNS * burst,
    }),
    pace: `${count(connections, "connection")}${several}, ${count(turns, "turn")} of ${events}, ${gap} ms apart`,
    opening: connections * ACCEPT,
    waits: turns * gap,
    work: (connections * each * (burst === 1 ? 9 : 5)) / 1_000,
  };
}

/** One generator for each connection. */
export function generators(connections: number, events: number, gap: number): Load {
  const rest = gap === 0 ? "without waiting" : `${gap} ms apart`;
  return {
    ...generate(connections, events, gap),
    warmUp:
      gap === 0 ? generate(1, Math.ceil(events / 5), 0) : generate(WARM_CONNECTIONS, WARM_TURNS, 1),
    pace: `${count(connections, "generator")}, ${count(events, "event")} each, ${rest}`,
    opening: connections * ACCEPT,
    waits: events * gap,
    work: (connections * events * (gap === 0 ? 5 : 21)) / 1_000,
  };
}

function generate(connections: number, events: number, gap: number): Order {
  return order("fan", {
    connections,
    path: `/one?${query({ events, gap })}`,
    post: "/go",
    expect: events,
  });
}

/** Connections on which nothing happens. */
export function idle(connections: number, hold: number): Load {
  return {
    ...order("idle", { connections, path: "/idle", hold }),
    pace: `${count(connections, "connection")}, held for ${hold / 1_000} s`,
    opening: connections * ACCEPT,
    waits: hold,
    work: 0,
  };
}

/** Connections that come, read one event and leave. */
export function open(connections: number, concurrency: number): Load {
  return {
    ...order("open", { connections, concurrency, path: "/open" }),
    warmUp: order("open", { connections: 50 * WARM_CONNECTIONS, concurrency, path: "/open" }),
    pace: `${count(connections, "connection")}, ${concurrency} at a time`,
    opening: connections * ACCEPT,
    waits: 0,
    work: 0,
  };
}

/** Clients that come back for what they missed, one after the other. */
export function replay(events: number, times: number): Load {
  return {
    ...order("replay", { path: "/replay", expect: events, times }),
    pace: `${count(events, "event")}, ${count(times, "time")}`,
    opening: 0,
    waits: 0,
    work: (events * times * 2) / 1_000,
  };
}

/** A client that no longer reads, beside one that does. */
export function stall(turns: number, burst: number, pad: number, gap: number): Load {
  const events = turns * burst;
  const told = {
    path: "/fan",
    readers: 1,
    post: `/publish?${query({ turns, burst, gap, pad })}`,
    expect: events,
  };
  return {
    ...order("stall", { ...told, stalled: 1 }),
    control: order("stall", { ...told, stalled: 0 }),
    pace: `${count(events, "event")} of ${count(pad, "byte")}, ${burst} a turn, ${gap} ms apart`,
    opening: 0,
    waits: turns * gap,
    work: events * 0.03,
  };
}

/** Clients that leave generators that never wait. */
export function leave(connections: number, pad: number): Load {
  return {
    ...order("leave", { connections, path: `/endless?${query({ pad })}` }),
    pace: `${count(connections, "client")}, events of ${count(pad, "byte")}`,
    opening: 0,
    waits: 1_500,
    work: 100,
  };
}

function query(parameters: Record<string, number>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
}
