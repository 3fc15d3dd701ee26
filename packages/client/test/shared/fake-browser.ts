import type { Channel, PageLife, Surroundings } from "../../src/shared/surroundings.js";

/** Has a task run at some time, in an order that a test decides. */
export type Schedule = (label: string, task: () => void) => void;

interface Timer {
  readonly delay: number;
  readonly run: () => void;
}

interface Port {
  readonly tab: FakeTab;
  readonly name: string;
  readonly hear: (data: unknown) => void;
  /** What is on its way, by who said it: nothing overtakes what the same tab said before. */
  readonly coming: Map<Port, unknown[]>;
}

interface LockRequest {
  readonly tab: FakeTab;
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  readonly run: () => unknown;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A page of a {@link FakeBrowser}: it can be frozen, which keeps its locks, and killed, which does not. */
export class FakeTab implements Surroundings {
  readonly locks: Surroundings["locks"];
  readonly timers = new Set<Timer>();
  isDead = false;
  isFrozen = false;
  isHidden = false;
  /** A frozen page may be told nothing of what was said meanwhile. */
  isDeaf = false;
  readonly #browser: FakeBrowser;
  readonly #lives = new Set<PageLife>();
  readonly #parked: (() => void)[] = [];
  readonly #whenKilled: (() => void)[] = [];
  readonly #whenHidden: (() => void)[] = [];
  readonly #whenSeen: (() => void)[] = [];

  constructor(browser: FakeBrowser) {
    this.#browser = browser;
    this.locks = browser.locksOf(this);
  }

  /** Has something happen in the page. */
  later(label: string, task: () => void): void {
    this.#browser.schedule(label, () => this.enter(task));
  }

  /** Runs code of the page, as soon as it can run any. */
  enter(task: () => void): void {
    if (this.isDead) return;
    if (this.isFrozen) this.#parked.push(task);
    else task();
  }

  openChannel(name: string, hear: (data: unknown) => void): Channel {
    return this.#browser.openChannel(this, name, hear);
  }

  after(delay: number, run: () => void): () => void {
    const timer = { delay, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Has the first of its timers fire that is not longer than this. */
  elapse(most = Infinity): void {
    const timer = [...this.timers].find(({ delay }) => delay <= most);
    if (timer === undefined) return;
    this.later("timer", () => {
      if (this.timers.delete(timer)) timer.run();
    });
  }

  watchPage(life: PageLife): () => void {
    this.#lives.add(life);
    return () => this.#lives.delete(life);
  }

  tell(event: keyof PageLife): void {
    this.enter(() => {
      for (const life of this.#lives) life[event]();
    });
  }

  /** Calls a function when the page is killed. */
  onKill(run: () => void): void {
    this.#whenKilled.push(run);
  }

  /** Calls a function each time the page is hidden. */
  onHide(run: () => void): void {
    this.#whenHidden.push(run);
  }

  /** Calls a function the next time the page is seen. */
  whenSeen(run: () => void): void {
    this.#whenSeen.push(run);
  }

  hide(): void {
    this.isHidden = true;
    this.enter(() => {
      for (const run of this.#whenHidden) run();
    });
  }

  show(): void {
    this.isHidden = false;
    this.tell("seen");
    this.enter(() => {
      for (const run of this.#whenSeen.splice(0)) run();
    });
  }

  thaw(): void {
    this.isFrozen = false;
    this.isDeaf = false;
    for (const task of this.#parked.splice(0)) this.enter(task);
  }

  kill(): void {
    this.isDead = true;
    for (const run of this.#whenKilled) run();
    this.#browser.forget(this);
  }
}

/** Tabs that share channels and locks. Everything takes its time. */
export class FakeBrowser {
  readonly schedule: Schedule;
  readonly #ports = new Set<Port>();
  readonly #held = new Map<string, LockRequest>();
  readonly #pending: LockRequest[] = [];

  constructor(schedule: Schedule) {
    this.schedule = schedule;
  }

  newTab(): FakeTab {
    return new FakeTab(this);
  }

  holderOf(name: string): FakeTab | undefined {
    return this.#held.get(name)?.tab;
  }

  openChannel(tab: FakeTab, name: string, hear: (data: unknown) => void): Channel {
    const port: Port = { tab, name, hear, coming: new Map() };
    this.#ports.add(port);
    return {
      post: (data) => this.#post(port, data),
      close: () => void this.#ports.delete(port),
    };
  }

  /** Says something on a channel, as a page could that is none of a test's tabs. */
  say(name: string, data: unknown): void {
    const stranger = new FakeTab(this);
    this.#post({ tab: stranger, name, hear() {}, coming: new Map() }, data);
  }

  locksOf(tab: FakeTab): Surroundings["locks"] {
    const request = (name: string, options: LockOptions, run: () => unknown): Promise<void> =>
      new Promise<void>((resolve, reject) => {
        this.#request({ tab, name, run, resolve, reject, signal: options.signal }, options.steal);
      });
    const query = (): Promise<LockManagerSnapshot> =>
      new Promise((resolve) => {
        tab.later("query", () =>
          resolve({
            held: [...this.#held.keys()].map((name) => ({ name })),
            pending: this.#pending.map(({ name }) => ({ name })),
          }),
        );
      });
    return { request, query } as Surroundings["locks"];
  }

  forget(tab: FakeTab): void {
    for (const port of this.#ports) if (port.tab === tab) this.#ports.delete(port);
    for (const request of this.#pending.filter((pending) => pending.tab === tab)) {
      this.#drop(request);
    }
    for (const [name, request] of this.#held) if (request.tab === tab) this.#release(name, request);
  }

  #post(from: Port, data: unknown): void {
    for (const port of this.#ports) {
      if (port === from || port.name !== from.name) continue;
      const coming = port.coming.get(from) ?? [];
      port.coming.set(from, coming);
      coming.push(structuredClone(data));
      this.schedule("message", () => {
        if (port.tab.isFrozen && port.tab.isDeaf) return void coming.shift();
        port.tab.enter(() => {
          const data = coming.shift();
          if (this.#ports.has(port)) port.hear(data);
        });
      });
    }
  }

  #request(request: LockRequest, steal = false): void {
    const { name, signal } = request;
    signal?.addEventListener("abort", () => {
      if (this.#drop(request)) request.reject(signal.reason);
    });
    if (!steal) this.#pending.push(request);
    const held = this.#held.get(name);
    if (steal && held !== undefined) {
      held.tab.later("stolen", () => held.reject(new DOMException("stolen", "AbortError")));
      this.#held.delete(name);
    }
    if (steal) this.#grant(request);
    else this.#next(name);
  }

  #next(name: string): void {
    if (this.#held.has(name)) return;
    const request = this.#pending.find((pending) => pending.name === name);
    if (request === undefined) return;
    this.#drop(request);
    this.#grant(request);
  }

  #grant(request: LockRequest): void {
    const { name, tab, signal } = request;
    this.#held.set(name, request);
    tab.later("granted", () => {
      const held = signal?.aborted === true ? undefined : Promise.resolve(request.run());
      void (held ?? Promise.resolve()).then(() => {
        this.#release(name, request);
        request.resolve();
      });
    });
  }

  #release(name: string, request: LockRequest): void {
    if (this.#held.get(name) !== request) return;
    this.#held.delete(name);
    this.#next(name);
  }

  #drop(request: LockRequest): boolean {
    const index = this.#pending.indexOf(request);
    if (index >= 0) this.#pending.splice(index, 1);
    return index >= 0;
  }
}
