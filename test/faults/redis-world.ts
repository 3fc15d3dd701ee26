import { setTimeout as delay } from "node:timers/promises";
import type { RedisBrokerOptions } from "@sluice/redis";
import { countDescriptors, descriptorsSince } from "./descriptors.js";
import { type Program, startProgram } from "./program.js";
import { RedisAccount, type Verdict } from "./redis-account.js";
import { RedisFollower } from "./redis-follower.js";
import {
  type Outcome,
  redisNode,
  type RedisNode,
  type RedisNodeOptions,
  type RedisNodeState,
} from "./redis-node.js";
import { settled } from "./settled.js";

export interface RedisReport extends Verdict {
  readonly stored: number;
  readonly unknown: number;
  readonly refused: number;
  /** How many events clients got, in all, and how often they connected. */
  readonly received: number;
  readonly connects: number;
  /** How many of the clients have come to the end. */
  readonly arrived: number;
  readonly clients: number;
  /** Told resets by reason. */
  readonly resets: Readonly<Record<string, number>>;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  /** The longest that a publication took, in milliseconds. */
  readonly slowest: number;
  /** Of any node, in bytes. */
  readonly peakMemory: number;
  readonly peakHeap: number;
}

export interface RedisWorldOptions {
  readonly url: string | readonly string[];
  /** How many clients follow. */
  readonly clients: number;
  /** Each node is a process of its own, as in production; else all are in this one. */
  readonly processes: boolean;
  /** @defaultValue 2 */
  readonly nodes?: number;
  readonly broker?: Partial<RedisBrokerOptions>;
  readonly history?: RedisNodeOptions["history"];
  /** Of one node, where it is not `url`. */
  readonly urlOf?: (node: number) => string;
  /** Words before the command of a node's process. */
  readonly launcher?: (node: number) => readonly string[];
  readonly channels?: readonly string[];
}

export interface WorldNode {
  readonly number: number;
  readonly port: number;
  readonly program: Program<RedisNode> | undefined;
  readonly commands: RedisNode | undefined;
}

/** How long clients may take to come to the end, in milliseconds. */
const CATCH_UP = 30_000;

/** Nodes of one application on one Redis, clients that follow it, and what became of what was published. */
export class RedisWorld implements AsyncDisposable {
  readonly account = new RedisAccount();
  readonly followers: RedisFollower[] = [];
  readonly nodes: WorldNode[] = [];
  readonly channels: readonly string[];
  /** Nodes whose processes are no more. */
  readonly dead = new Set<WorldNode>();
  readonly #options: RedisWorldOptions;
  readonly #descriptors = countDescriptors();
  #ends = 0;

  private constructor(options: RedisWorldOptions) {
    this.#options = options;
    this.channels = options.channels ?? ["a", "b"];
  }

  /** Starts the nodes, and clients on all of them; resolves when each has a place. */
  static async open(options: RedisWorldOptions): Promise<RedisWorld> {
    const world = new RedisWorld(options);
    try {
      for (let n = 0; n < (options.nodes ?? 2); n++) await world.addNode();
      await world.addFollowers(options.clients);
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async addNode(): Promise<WorldNode> {
    const number = this.nodes.length;
    const { url, urlOf, broker, history, processes, launcher } = this.#options;
    const listening: RedisNodeOptions = {
      broker: { url: urlOf?.(number) ?? url, publishTimeout: "5s", ...broker },
      ...(history !== undefined && { history }),
    };
    const commands = processes ? undefined : redisNode(this.account.add);
    const program = processes
      ? await startProgram<RedisNode>("redis-node", [], launcher?.(number))
      : undefined;
    program?.onTold((told) => this.account.add(told as Outcome));
    const port = await (program?.call("listen", listening) ?? commands!.listen(listening));
    const node = { number, port, program, commands };
    this.nodes.push(node);
    return node;
  }

  call<K extends keyof RedisNode>(
    node: WorldNode,
    name: K,
    ...args: Parameters<RedisNode[K]>
  ): Promise<Awaited<ReturnType<RedisNode[K]>>> {
    if (node.program !== undefined) return node.program.call(name, ...args);
    const command = node.commands![name] as (...args: unknown[]) => unknown;
    return Promise.resolve(command(...args)) as Promise<Awaited<ReturnType<RedisNode[K]>>>;
  }

  /** The nodes that run. */
  get alive(): readonly WorldNode[] {
    return this.nodes.filter(
      (node): node is WorldNode => node !== undefined && !this.dead.has(node),
    );
  }

  async addFollowers(count: number): Promise<void> {
    const paths = [
      ...this.channels.map((name) => `/redis/one/${name}`),
      `/redis/all/${this.channels.join("+")}`,
    ];
    const fresh = Array.from(
      { length: count },
      (_, n) => new RedisFollower(paths[n % paths.length]!, n % this.nodes.length),
    );
    this.followers.push(...fresh);
    for (const follower of fresh) follower.follow(() => this.nodes.map(({ port }) => port));
    await until(() => fresh.every(({ isJoined }) => isJoined), "Clients do not join.");
  }

  /** Every node begins to publish to some channels. */
  async publish(pace = 10, bytes = 200, channels = this.channels): Promise<void> {
    for (const node of this.alive) {
      await this.call(node, "start", `node-${node.number}`, channels, pace, bytes);
    }
  }

  /** Resolves when so many more events are stored. */
  async stored(count: number): Promise<void> {
    const goal = this.account.counts.stored + count;
    await until(() => this.account.counts.stored >= goal, "Nothing is stored any more.", 60_000);
  }

  /** Kills a node at once; its clients go to the others. */
  async kill(node: WorldNode): Promise<void> {
    this.dead.add(node);
    node.program!.kill();
    await node.program!.ended;
  }

  /** Publishes the last events, until each client has come to them. */
  async finish(): Promise<RedisReport> {
    for (const node of this.alive) await this.call(node, "stop");
    // They can be skipped by a reset, like others.
    const deadline = performance.now() + CATCH_UP;
    let patience = 500;
    let arrived = 0;
    while (arrived < this.followers.length && performance.now() < deadline) {
      const seq = this.#ends++;
      for (const channel of this.channels)
        await this.call(this.alive[0]!, "publish", channel, "last", seq);
      const there = (): number =>
        this.followers.filter((follower) => follower.hasAll("last", seq)).length;
      await settled(() => there() === this.followers.length, (patience *= 2));
      arrived = there();
    }
    await Promise.all(this.followers.map((follower) => follower.leave()));
    const ends = await this.#close();
    const resets = new Map<string, number>();
    for (const reason of this.followers.flatMap((follower) => follower.resets)) {
      resets.set(reason, (resets.get(reason) ?? 0) + 1);
    }
    const { stored, unknown, refused } = this.account.counts;
    return {
      ...this.account.compare(this.followers),
      stored,
      unknown,
      refused,
      arrived,
      clients: this.followers.length,
      received: this.followers.reduce((sum, { log }) => sum + log.length, 0),
      connects: this.followers.reduce((sum, { connects }) => sum + connects, 0),
      resets: Object.fromEntries(resets),
      slowest: Math.round(this.account.slowest),
      ...ends,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.followers.map((follower) => follower.leave()));
    await this.#close();
  }

  async #close(): Promise<Pick<RedisReport, "leaked" | "rejections" | "peakHeap" | "peakMemory">> {
    const states: RedisNodeState[] = [];
    for (const node of this.alive) {
      const deadline = performance.now() + 5_000;
      let state = await this.call(node, "state");
      while (!isIdle(state) && performance.now() < deadline) {
        await delay(20);
        state = await this.call(node, "state");
      }
      states.push(state);
      await this.call(node, "close");
      await node.program?.[Symbol.asyncDispose]();
      this.dead.add(node);
    }
    const left = await descriptorsSince(this.#descriptors);
    const leaked = states.flatMap(({ active, connections, pending }) => [
      ...(active > 0 ? [`${active} hub(s)`] : []),
      ...(connections > 0 ? [`${connections} connection(s)`] : []),
      ...(pending > 0 ? [`${pending} publication(s)`] : []),
    ]);
    return {
      leaked: left > 0 ? [...leaked, `${left} descriptor(s)`] : leaked,
      rejections: states.flatMap(({ rejections }) => rejections),
      peakHeap: Math.max(0, ...states.map(({ peakHeap }) => peakHeap)),
      peakMemory: Math.max(0, ...states.map(({ peakMemory }) => peakMemory)),
    };
  }
}

function isIdle({ active, connections, pending }: RedisNodeState): boolean {
  return active === 0 && connections === 0 && pending === 0;
}

/** @throws when it takes too long */
export async function until(
  done: () => boolean | Promise<boolean>,
  otherwise: string,
  within = 20_000,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(otherwise);
    await delay(10);
  }
}
