import type { NewRevocation, Nodes, NodesListener, Revocation } from "../src/index.js";

/** What several nodes in one process share, with a clock of its own. */
export class FakeStore {
  /** In milliseconds since 1970. */
  now = 1_000_000;
  readonly nodes = new Set<FakeNodes>();
  readonly stored: Revocation[] = [];
}

/** Nodes that tell when they are made to: when somebody waits for it, or by {@link tell}. */
export class FakeNodes implements Nodes {
  readonly store: FakeStore;
  listener: NodesListener | undefined;
  /** What storing and asking throw. */
  failure: Error | undefined;
  syncs = 0;
  closes = 0;
  #told = 0;

  constructor(store = new FakeStore()) {
    this.store = store;
  }

  open(listener: NodesListener): void {
    this.listener = listener;
    this.store.nodes.add(this);
  }

  async revoke({ lasts, ...revocation }: NewRevocation): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    const at = this.store.now;
    this.store.stored.push({ ...revocation, at, until: at + lasts });
    this.tell();
  }

  async sync(): Promise<void> {
    this.syncs++;
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    this.tell();
  }

  async count(key: string): Promise<number> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    let count = 0;
    for (const other of this.store.nodes) {
      if (other !== this) count += other.listener!.counts().get(key) ?? 0;
    }
    return count;
  }

  close(): void {
    this.closes++;
    this.store.nodes.delete(this);
  }

  /** Tells the listener what is new. */
  tell(): void {
    for (; this.#told < this.store.stored.length; this.#told++) {
      this.listener!.revoked(this.store.stored[this.#told]!, this.store.now);
    }
  }
}
