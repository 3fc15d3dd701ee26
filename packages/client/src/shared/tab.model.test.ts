import * as fc from "fast-check";
import { expect, it } from "vitest";
import { FakeBrowser } from "../../test/shared/fake-browser.js";
import { FakeServer, type Greeting, type LineHabits } from "../../test/shared/fake-server.js";
import { type OpenedTab, openTab, turn } from "../../test/shared/open-tab.js";

const TABS = 5;
/** Far more rounds of timers and events than any plan needs to come to rest. */
const MOST_ROUNDS = 30;

const TO_TABS = [
  "close",
  "kill",
  "freeze",
  "deafen",
  "thaw",
  "thaw",
  "leave",
  "enter",
  "hide",
  "show",
  "stall",
  "go",
  "refuse",
  "elapse",
  "elapse",
  "elapse",
] as const;

type ToTab =
  | { readonly do: "open"; readonly tab: number; readonly cursor: "none" | "head" | "older" }
  | { readonly do: (typeof TO_TABS)[number]; readonly tab: number };

/** What happens to a tab, to the server, or how much happens of what is under way. */
type Action =
  | ToTab
  | { readonly do: "cut" | "restart" | "crash" | "up" }
  | { readonly do: "publish" | "trim" | "run"; readonly count: number };

interface Plan {
  readonly greeting: Greeting;
  readonly every: number;
  readonly maxQueued: number;
  readonly habits: LineHabits;
  readonly slow: readonly boolean[];
  readonly actions: readonly Action[];
}

const tab = fc.nat({ max: TABS - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      tab,
      cursor: fc.constantFrom("none" as const, "none" as const, "head" as const, "older" as const),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      count: fc.integer({ min: 1, max: 7 }),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      count: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom(...TO_TABS), tab }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "cut" as const,
        "cut" as const,
        "restart" as const,
        "crash" as const,
        "up" as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("trim" as const),
      count: fc.integer({ min: 0, max: 10 }),
    }),
  },
);
const plan: fc.Arbitrary<Plan> = fc.record({
  greeting: fc.constantFrom<Greeting>("position", "state", "last"),
  every: fc.constantFrom(1, 1, 1, 3),
  maxQueued: fc.constantFrom(1, 2, 4, 16, 256),
  habits: fc.record({ chunk: fc.constantFrom(1, 3, 100), pauses: fc.boolean() }),
  slow: fc.array(fc.boolean(), { minLength: TABS, maxLength: TABS }),
  actions: fc.array(action, { minLength: 1, maxLength: 60, size: "max" }),
});

/** Carries a plan out. */
class World {
  readonly server: FakeServer;
  /** All tabs that there ever were. */
  readonly all: OpenedTab[] = [];
  readonly #tabs: (OpenedTab | undefined)[] = [];
  readonly #plan: Plan;
  readonly #scheduler: fc.Scheduler;
  readonly #browser: FakeBrowser;

  constructor(plan: Plan, scheduler: fc.Scheduler) {
    this.#plan = plan;
    this.#scheduler = scheduler;
    this.server = new FakeServer(plan.greeting, plan.every);
    this.#browser = new FakeBrowser((label, task) => {
      void scheduler.schedule(Promise.resolve(), label).then(task);
    });
  }

  get present(): OpenedTab[] {
    return this.#tabs.filter((opened) => opened !== undefined);
  }

  async do(action: Action): Promise<void> {
    const { server } = this;
    if ("tab" in action) this.#doTo(action);
    else if (action.do === "publish") server.publish(action.count);
    else if (action.do === "trim") server.trim(action.count);
    else if (action.do === "cut") server.cut();
    else if (action.do === "restart") server.restart();
    else if (action.do === "up") server.isUp = true;
    else if (action.do === "run") return this.run(action.count);
    else {
      server.isUp = false;
      server.cut();
    }
    await turn();
  }

  /** Has so many of the things happen that are under way. */
  async run(count: number): Promise<void> {
    await turn();
    for (let n = 0; n < count && this.#scheduler.count() > 0; n++) {
      await this.#scheduler.waitNext(1);
      await turn();
    }
  }

  /** Lets everyone alone, and waits until nothing is under way and all is as it should be. */
  async settle(): Promise<void> {
    this.server.isUp = true;
    for (const { page } of this.all) page.thaw();
    for (const { page, target } of this.present) {
      page.show();
      page.tell("entered");
      target.go();
      target.refusals = 0;
    }
    for (let round = 0; round < MOST_ROUNDS; round++) {
      // What a filter leaves out brings nobody into step.
      this.server.publish(this.#plan.every);
      await this.run(Infinity);
      for (const { page } of this.present) {
        page.elapse();
        await this.run(Infinity);
      }
      const isDone = this.present.every(({ target }) => target.isUpToDate);
      if (round > 3 && isDone && this.server.connections.size === 1) return;
    }
  }

  #doTo(action: ToTab): void {
    const opened = this.#tabs[action.tab];
    if (action.do === "open") {
      if (opened === undefined) this.#open(action.tab, action.cursor);
      return;
    }
    if (opened === undefined) return;
    const { page, target, line } = opened;
    const { do: what } = action;
    if (what === "freeze" || what === "deafen") {
      page.isFrozen = true;
      page.isDeaf = what === "deafen";
    } else if (what === "kill" || what === "close") {
      if (what === "close") page.enter(() => line.close());
      else page.kill();
      this.#tabs[action.tab] = undefined;
    } else if (what === "leave") page.tell("left");
    else if (what === "enter") page.tell("entered");
    else if (what === "refuse") target.refusals++;
    else if (what === "stall") target.stall();
    else if (what === "go") target.go();
    else page[what]();
  }

  #open(index: number, cursor: "none" | "head" | "older"): void {
    const { habits, maxQueued, slow } = this.#plan;
    const { epoch, head } = this.server;
    const n = cursor === "head" ? head : Math.max(head - 3, 0);
    const lastEventId = cursor === "none" ? "" : `${epoch}.${n}`;
    const opened = openTab(this.#browser, this.server, { habits, maxQueued, lastEventId });
    opened.target.isSlow = slow[index]!;
    this.#tabs[index] = opened;
    this.all.push(opened);
  }
}

it("each tab gets what a connection of its own would have given it, and all have one in the end, whatever happens to them and to the server", async () => {
  await fc.assert(
    fc.asyncProperty(plan, fc.scheduler(), async (plan, scheduler) => {
      const world = new World(plan, scheduler);
      for (const action of plan.actions) await world.do(action);
      await world.settle();
      const { all, present, server } = world;
      expect(all.flatMap(({ target }) => target.faults)).toEqual([]);
      const ends = present.map(({ target }) => [target.isUpToDate, target.state]);
      expect(ends).toEqual(present.map(() => [true, "open"]));
      expect(server.connections.size).toBe(Math.min(present.length, 1));
    }),
    { numRuns: 500 },
  );
}, 120_000);
