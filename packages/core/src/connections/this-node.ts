import { SluiceError } from "../errors.js";
import { show } from "../show.js";
import type { CloseOptions } from "./connections.js";
import type { LiveConnection } from "./live-connection.js";
import type { NewRevocation, Nodes, NodesListener, Revocation } from "./nodes.js";
import { HeldRevocation, Revocations } from "./revocations.js";

/** What a part of this process does, and tells, as a part of the node. */
export interface NodePart {
  /** Ends the streams that a revocation meets. @returns how many */
  end?(held: HeldRevocation): number;
  /** Ends all streams. */
  endAll?(): void;
  /** What it has, by key. */
  counts(): Iterable<readonly [key: string, count: number]>;
}

const METHODS = ["open", "revoke", "sync", "count", "close"] as const;

/** How many revocations are kept where no store bounds them. */
const MAX_KEPT = 10_000;

const known = new WeakMap<Nodes, ThisNode>();

/** This process among the nodes, or alone: what has been revoked, and what it does about it. */
export class ThisNode implements NodesListener {
  readonly #nodes: Nodes | undefined;
  readonly #revocations = new Revocations();
  /** How often each has joined. */
  readonly #parts = new Map<NodePart, number>();
  /** How many streams those revocations have ended that are on their way to the store. */
  readonly #ended = new Map<string, number>();
  #closing: Promise<void> | undefined;

  /** @param nodes - undefined for one that is alone */
  constructor(nodes?: Nodes) {
    this.#nodes = nodes;
  }

  /**
   * The one for all in this process who share the same nodes.
   *
   * @throws SluiceError `ERR_OPTION` when they are none, or were closed
   */
  static of(nodes: Nodes): ThisNode {
    checkNodes(nodes);
    let node = known.get(nodes);
    if (node === undefined) {
      known.set(nodes, (node = new ThisNode(nodes)));
      nodes.open(node);
    }
    if (node.#closing === undefined) return node;
    throw new SluiceError(
      "ERR_OPTION",
      "nodes were closed with the application that used them. Give each application that comes after another nodes of its own.",
    );
  }

  /** @returns what leaves; the last one closes the nodes */
  join(part: NodePart): () => Promise<void> {
    this.#parts.set(part, (this.#parts.get(part) ?? 0) + 1);
    let left = false;
    return async () => {
      if (left) return;
      left = true;
      const times = this.#parts.get(part)! - 1;
      if (times > 0) this.#parts.set(part, times);
      else this.#parts.delete(part);
      if (this.#parts.size === 0) await (this.#closing ??= this.#close());
    };
  }

  /**
   * Stores a revocation and ends what it meets here, which happens even where it can't be stored.
   *
   * @returns how many streams it has ended here
   * @throws SluiceError `ERR_NOT_STORED`, `ERR_OUTCOME_UNKNOWN`
   */
  async revoke(revocation: NewRevocation): Promise<number> {
    const { id } = revocation;
    this.#ended.set(id, 0);
    try {
      if (this.#nodes === undefined) this.#keep(revocation);
      else await this.#store(this.#nodes, revocation);
      return this.#ended.get(id)!;
    } finally {
      this.#ended.delete(id);
    }
  }

  /** See {@link Nodes.sync}. */
  sync(): Promise<void> | undefined {
    return this.#nodes?.sync();
  }

  /** Why a connection may not open, if a revocation meets it. */
  refuses(connection: LiveConnection): CloseOptions["reason"] {
    return this.#revocations.find(connection)?.reason;
  }

  /** How many the other nodes have. */
  async countElsewhere(key: string): Promise<number> {
    return this.#nodes === undefined ? 0 : this.#nodes.count(key);
  }

  revoked(revocation: Revocation, now: number): void {
    const { id } = revocation;
    if (this.#revocations.has(id)) return;
    const held = new HeldRevocation(revocation, now);
    this.#revocations.add(held);
    let ended = this.#ended.get(id) ?? 0;
    for (const part of this.#parts.keys()) ended += part.end?.(held) ?? 0;
    if (this.#ended.has(id)) this.#ended.set(id, ended);
  }

  missed(): void {
    for (const part of this.#parts.keys()) part.endAll?.();
  }

  standing(): Iterable<Revocation> {
    return this.#revocations;
  }

  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const part of this.#parts.keys()) {
      for (const [key, count] of part.counts()) {
        if (count > 0) counts.set(key, (counts.get(key) ?? 0) + count);
      }
    }
    return counts;
  }

  async #store(nodes: Nodes, revocation: NewRevocation): Promise<void> {
    try {
      // Before anything ends here: who then comes back elsewhere is known there.
      await nodes.revoke(revocation);
    } catch (error) {
      this.#revokeHere(revocation, revocation.lasts);
      throw error;
    }
  }

  #keep(revocation: NewRevocation): void {
    if (revocation.lasts === 0 || this.#revocations.size < MAX_KEPT) {
      this.#revokeHere(revocation, revocation.lasts);
      return;
    }
    this.#revokeHere(revocation, 0);
    throw new SluiceError(
      "ERR_NOT_STORED",
      `A revocation has ended the streams that it meets, but does not refuse who comes: ${MAX_KEPT} others are in force. Let them last a shorter time, or revoke by something that more have in common.`,
    );
  }

  #revokeHere({ lasts: _, ...revocation }: NewRevocation, lasts: number): void {
    const at = Date.now();
    this.revoked({ ...revocation, at, until: at + lasts }, at);
  }

  async #close(): Promise<void> {
    await this.#nodes?.close();
  }
}

function checkNodes(nodes: Nodes): void {
  const missing =
    typeof nodes === "object" && nodes !== null
      ? METHODS.find((method) => typeof nodes[method] !== "function")
      : "everything";
  if (missing === undefined) return;
  throw new SluiceError(
    "ERR_OPTION",
    `nodes must be such as new RedisNodes({ url }), not ${show(nodes)}: ${missing} is missing.`,
  );
}
