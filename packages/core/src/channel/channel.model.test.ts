import type { Outcome } from "@sluice/protocol";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  ChannelClient,
  type ClientPlan,
  type ClientWorld,
  passes,
} from "../../test/channel-client.js";
import { TruthfulBroker } from "../../test/channel-truth.js";
import { BrokerFailure, UnrulyBroker, type Whims } from "../../test/unruly-broker.js";
import type { ChannelOverflow } from "./channel-options.js";
import { Channels } from "./channels.js";

/** How long a broker's failure makes a channel pause: as long as it likes. */
const pause = vi.hoisted(() => ({ take: (): Promise<void> => Promise.resolve() }));
vi.mock("node:timers/promises", () => ({ setTimeout: () => pause.take() }));

const NAMES = ["a", "b", "c", "d"];
const CLIENTS = 4;
/** Far more than any plan needs. */
const MOST_WAITS = 5_000;

type CursorKind = "fresh" | "own" | "another's" | "ancient" | "acknowledged" | "malformed";

type Action =
  | {
      readonly do: "publish";
      readonly channel: string;
      readonly size: number;
      readonly times: number;
    }
  | { readonly do: "end"; readonly channel: string; readonly outcome: Outcome }
  | { readonly do: "connect"; readonly client: number; readonly cursor: CursorKind }
  | { readonly do: "leave" | "stop" | "abort"; readonly client: number }
  | { readonly do: "take"; readonly client: number; readonly batches: number }
  | { readonly do: "pass"; readonly time: number };

interface Plan {
  /** Undefined for the memory broker as it is. */
  readonly whims: Whims | undefined;
  readonly nodes: number;
  readonly history: { readonly count: number; readonly age: number; readonly bytes: number };
  readonly maxBufferedBytes: number;
  readonly clients: readonly ClientPlan[];
  readonly actions: readonly Action[];
  /** What happens in the midst of a filter, a snapshot or a write, one after another. */
  readonly nested: readonly (readonly Action[])[];
}

const channel = fc.constantFrom(...NAMES, "a", "a", "b");
const outcome = fc.constantFrom<Outcome>("done", "failed", "cancelled");
const client = fc.nat({ max: CLIENTS - 1 });
const all = Number.POSITIVE_INFINITY;
const publish = fc.record({
  do: fc.constant("publish" as const),
  channel,
  size: fc.constantFrom(0, 0, 0, 300, 300, 3_000, 30_000, 70_000),
  times: fc.constantFrom(1, 1, 1, 2, 5),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 14, arbitrary: publish },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("connect" as const),
      client,
      cursor: fc.constantFrom<CursorKind>(
        "fresh",
        "fresh",
        "own",
        "own",
        "own",
        "another's",
        "ancient",
        "acknowledged",
        "malformed",
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("stop" as const), client }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      client,
      batches: fc.constantFrom(1, 2, all),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("leave" as const, "abort" as const), client }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      time: fc.constantFrom(100, 600, 40_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end" as const), channel, outcome }) },
);
const clientPlan: fc.Arbitrary<ClientPlan> = fc.record({
  channels: fc
    .oneof(fc.constant(["a"]), fc.subarray(NAMES, { minLength: 1 }))
    .map((names) => names.toSorted()),
  overflow: fc.constantFrom<ChannelOverflow>("disconnect", "skip", "latest"),
  last: fc.constantFrom(0, 0, 1, 3),
  leavesOut: fc.constantFrom(0, 0, 1, 2, 3),
  snapshot: fc.boolean(),
  onResync: fc.boolean(),
});
const whims: fc.Arbitrary<Whims> = fc.record({
  fates: fc.array(fc.constantFrom("told", "told", "late", "lost", "doubled"), {
    maxLength: 40,
    size: "max",
  }),
  failures: fc.array(fc.constantFrom(false, false, false, false, true), {
    maxLength: 20,
    size: "max",
  }),
});
const plan: fc.Arbitrary<Plan> = fc.record({
  whims: fc.option(whims, { nil: undefined }),
  nodes: fc.constantFrom(1, 1, 2),
  history: fc.record({
    count: fc.constantFrom(0, 2, 10, 1_000),
    age: fc.constantFrom(500, 600_000),
    bytes: fc.constantFrom(1_000, 100_000, 1_048_576),
  }),
  maxBufferedBytes: fc.constantFrom(0, 1_000, 100_000, 1_048_576),
  clients: fc.array(clientPlan, { minLength: CLIENTS, maxLength: CLIENTS }),
  actions: fc.oneof(
    fc.array(action, { maxLength: 12, size: "max" }),
    fc.array(action, { maxLength: 50, size: "max" }),
  ),
  nested: fc.oneof(
    fc.constant([]),
    fc.array(fc.array(action, { maxLength: 2 }), { maxLength: 5 }),
    fc.array(fc.array(action, { maxLength: 3 }), { maxLength: 16, size: "max" }),
  ),
});

/** One world of channels, in which a plan is carried out. */
class World implements ClientWorld {
  readonly faults: string[] = [];
  readonly broker = new TruthfulBroker();
  readonly #plan: Plan;
  readonly #scheduler: fc.Scheduler;
  readonly #unruly: UnrulyBroker | undefined;
  readonly #nodes: Channels[];
  readonly #clients: ChannelClient[];
  readonly #signals: AbortController[] = [];
  readonly #acknowledged: string[] = [];
  #keys = 0;
  #waits = 0;
  #nested = 0;

  constructor(plan: Plan, scheduler: fc.Scheduler) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    if (plan.whims !== undefined)
      this.#unruly = new UnrulyBroker(this.broker, (what) => this.later(what), plan.whims);
    this.#nodes = Array.from({ length: plan.nodes }, () => {
      const { history, maxBufferedBytes } = plan;
      return new Channels({ broker: this.#unruly ?? this.broker, history, maxBufferedBytes });
    });
    this.#clients = plan.clients.map((plan, n) => new ChannelClient(`client ${n}`, plan, this));
  }

  get orderly(): boolean {
    return this.#plan.whims === undefined && this.#plan.nodes === 1;
  }

  get calm(): boolean {
    return this.#plan.nested.length === 0;
  }

  later(what: string): Promise<void> {
    if (++this.#waits === MOST_WAITS) this.fault(`does not come to rest, but goes on to ${what}`);
    if (this.#waits >= MOST_WAITS) return new Promise(() => undefined);
    return this.#scheduler.schedule(Promise.resolve(), what);
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  nest(): void {
    for (const action of this.#plan.nested[this.#nested++] ?? []) {
      if (action.do !== "pass") this.#perform(action);
    }
  }

  async run(): Promise<void> {
    const steps = this.#plan.actions.map((action) => ({
      label: action.do,
      builder: async () => this.#perform(action),
    }));
    this.#scheduler.scheduleSequence(steps);
    await this.#scheduler.waitIdle();
    await this.#settle();
    for (const client of this.#clients) client.checkUpToDate();
    await this.#dismantle();
  }

  /** Whoever has left comes back, and takes all that there is. */
  async #settle(): Promise<void> {
    this.#unruly?.behave();
    for (let round = 0; round < 4; round++) {
      for (const [n, client] of this.#clients.entries()) {
        client.take();
        const { isConnected, isComplete, hasAborted } = client;
        if (!isConnected && !(isComplete && !hasAborted) && client.ids.length > 0)
          this.#connect(n, "own");
      }
      await this.#scheduler.waitIdle();
      // Where nothing was lost, nothing has to be found out.
      if (this.#plan.whims?.fates.includes("lost")) this.#unruly?.probe();
      await this.#scheduler.waitIdle();
    }
  }

  /** Nothing is left when all have gone. */
  async #dismantle(): Promise<void> {
    for (const client of this.#clients) client.leave();
    await this.#scheduler.waitIdle();
    for (const node of this.#nodes) {
      if (node.active > 0) this.fault(`${node.active} hubs are left`);
    }
    const followers = this.#unruly?.followers ?? 0;
    if (followers > 0) this.fault(`${followers} followers are left`);
    vi.advanceTimersByTime(3_600_000);
    if (this.broker.channels > 0) this.fault(`${this.broker.channels} channels are left`);
    if (this.broker.bytes > 0) this.fault(`${this.broker.bytes} bytes are left`);
    if (vi.getTimerCount() > 0) this.fault(`${vi.getTimerCount()} timers are left`);
  }

  #perform(action: Action): void {
    switch (action.do) {
      case "publish":
        for (let n = 0; n < action.times; n++) void this.#publish(action.channel, action.size);
        break;
      case "end":
        void this.#end(action.channel, action.outcome);
        break;
      case "connect":
        this.#connect(action.client, action.cursor);
        break;
      case "leave":
        this.#clients[action.client]!.leave();
        break;
      case "stop":
        this.#clients[action.client]!.stop();
        break;
      case "take":
        this.#clients[action.client]!.take(action.batches);
        break;
      case "abort":
        this.#abort(action.client);
        break;
      case "pass":
        vi.advanceTimersByTime(action.time);
    }
  }

  async #publish(channel: string, size: number): Promise<void> {
    const key = ++this.#keys;
    const node = this.#nodes[key % this.#nodes.length]!;
    const data = { channel, key, pad: "x".repeat(size) };
    try {
      const { id } = await node.get(channel).publish({ data });
      this.#acknowledged.push(id);
      const { key: stored } = this.broker.stored(channel)[this.broker.number(channel, id)! - 1]!;
      if (stored !== key) this.fault(`${key} was acknowledged with the id of ${stored}`);
    } catch (error) {
      if (this.broker.stored(channel).some((stored) => stored.key === key))
        this.fault(`${key} was stored and refused: ${String(error)}`);
      if (!(error instanceof BrokerFailure) && !this.broker.hasEnded(channel))
        this.fault(`${key} was refused: ${String(error)}`);
    }
  }

  async #end(channel: string, outcome: Outcome): Promise<void> {
    try {
      await this.#nodes[0]!.get(channel).end(outcome);
    } catch (error) {
      if (!(error instanceof BrokerFailure) && !this.broker.hasEnded(channel))
        this.fault(`${channel} could not be ended: ${String(error)}`);
    }
  }

  #abort(n: number): void {
    const client = this.#clients[n]!;
    if (!client.isConnected) return;
    client.noteAbort();
    this.#signals[n]!.abort();
  }

  #connect(n: number, kind: CursorKind): void {
    const client = this.#clients[n]!;
    client.leave();
    const cursor = this.#cursor(client, n, kind);
    const controller = (this.#signals[n] = new AbortController());
    const { plan } = client;
    const { channels, overflow, last, snapshot, onResync, leavesOut } = plan;
    const read = (late: boolean) => async () => {
      this.nest();
      const lengths = channels.map((channel) => this.broker.stored(channel).length);
      if (late) await this.later("state");
      return { event: "state", data: { lengths } };
    };
    const node = this.#nodes[(n + client.ids.length) % this.#nodes.length]!;
    const [first, ...more] = channels.map((channel) => node.get(channel));
    const source = (more.length === 0 ? first! : node.merge(first!, ...more)).subscribe({
      overflow,
      last: snapshot ? 0 : last,
      signal: controller.signal,
      ...(snapshot && { snapshot: read(true) }),
      ...(onResync && { onResync: read(n % 2 === 0) }),
      ...(leavesOut > 0 && {
        filter: (event) => {
          this.nest();
          return passes(plan, event);
        },
      }),
    });
    client.connect(source, cursor);
  }

  #cursor(client: ChannelClient, n: number, kind: CursorKind): string | undefined {
    switch (kind) {
      case "fresh":
        return undefined;
      case "own":
        return client.ids.at(-1);
      case "ancient":
        return client.ids[0];
      case "another's":
        return this.#clients[(n + 1) % CLIENTS]!.ids.at(-1);
      case "acknowledged":
        return this.#acknowledged.at(-1);
      case "malformed":
        return ["m1~", "1.x.2", "ä", "m1~abcdef:1.AAAAAAAA.1", "x".repeat(1_025)][n]!;
    }
  }
}

const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
  });
  process.on("unhandledRejection", note);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

it("H2, H3, H5, H7: what was published comes once and in order, or a reset covers it, whatever happens meanwhile", async () => {
  const { MODEL_RUNS, MODEL_SEED } = process.env;
  await fc.assert(
    fc.asyncProperty(plan, fc.scheduler(), async (plan, scheduler) => {
      const turns = new Set<() => void>();
      const world = new World(plan, scheduler);
      pause.take = () => world.later("pause");
      vi.stubGlobal("setImmediate", (turn: () => void) => {
        turns.add(turn);
        void world.later("turn").then(() => {
          if (turns.delete(turn)) turn();
        });
      });
      try {
        await world.run();
      } finally {
        // What an error has left must not reach into the next run.
        while (turns.size > 0) {
          for (const turn of turns) {
            turns.delete(turn);
            turn();
          }
        }
        vi.clearAllTimers();
      }
      expect(world.faults).toEqual([]);
    }),
    { numRuns: Number(MODEL_RUNS ?? 3_000), ...(MODEL_SEED && { seed: Number(MODEL_SEED) }) },
  );
  // It takes ten seconds where nothing else runs.
}, 60_000);
