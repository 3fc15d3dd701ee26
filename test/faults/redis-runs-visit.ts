import { connect } from "node:net";
import { ChunkedAnswer, EventLines, type WireEvent } from "./event-stream.js";
import type { Token } from "./programs/runs-node.js";
import { pathOf, type PlannedRun, wordOf } from "./redis-runs-plan.js";

/** What became of one connection. */
export interface Visit {
  readonly client: number;
  readonly key: string;
  /** The number of the node. */
  readonly node: number;
  readonly method: "GET" | "POST";
  /** It came with the id of the last event that it knew. */
  readonly resumes: boolean;
  /** When it was begun, answered and over, in milliseconds of the epoch. */
  readonly from: number;
  readonly answered: number | undefined;
  readonly to: number;
  readonly status: number | undefined;
  /** The attempt that the client knows of then; undefined when it has no token of it. */
  readonly start: string | undefined;
  /** How many of its tokens the client has then. */
  readonly tokens: number;
  /** Who ended it; `told`: the stream did, and said so. */
  readonly by: "client" | "server" | "told";
  /** Of those that were told. */
  readonly outcome: string | undefined;
}

/** How a connection is made, and when the client leaves. */
export interface Manner {
  readonly node: number;
  readonly port: number;
  readonly method: Visit["method"];
  /** With the last id, if there is one; else the client forgets what it has. */
  readonly resumes: boolean;
  /** After so many tokens. */
  readonly leavesAfter?: number;
  /** After so many milliseconds. */
  readonly leavesWithin?: number;
  /** By a reset of the connection. */
  readonly leavesHard?: boolean;
}

/** What all clients of a process have seen, and should not have seen. */
export class RunTestimony {
  lost = 0;
  doubled = 0;
  tokens = 0;
  readonly faults: string[] = [];
  readonly resets: string[] = [];
  readonly visits: Visit[] = [];

  /** Only the first ones are told. */
  fault(what: string): void {
    if (this.faults.length < 20) this.faults.push(what);
  }
}

/** A client of one run: it knows the tokens of an attempt up to some number, and those alone. */
export class RunListener {
  readonly client: number;
  readonly plan: PlannedRun;
  readonly #testimony: RunTestimony;
  /** The attempt that it has tokens of; undefined before the first one. */
  #start: string | undefined;
  /** The number of the token that comes next. */
  #next = 0;
  #lastId: string | undefined;
  #outcome: string | undefined;
  /** The outcome that its last id is behind: who comes back with it is told by a 204 that nothing follows. */
  #known: string | undefined;

  constructor(client: number, plan: PlannedRun, testimony: RunTestimony) {
    this.client = client;
    this.plan = plan;
    this.#testimony = testimony;
  }

  /** Resolves when the connection is over, whoever ended it. */
  visit(manner: Manner): Promise<Visit> {
    const { node, port, method, resumes, leavesAfter, leavesWithin, leavesHard = false } = manner;
    if (!resumes) {
      this.#beginAnew();
      this.#lastId = undefined;
    }
    const lastId = this.#lastId;
    const answer = new ChunkedAnswer();
    const lines = new EventLines();
    const from = Date.now();
    let answered: number | undefined;
    let tokens = 0;
    let by: Visit["by"] = "server";
    this.#outcome = undefined;

    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    const leave = (): void => {
      if (by === "server") by = "client";
      if (leavesHard) socket.resetAndDestroy();
      else socket.destroy();
    };
    const leaving = leavesWithin === undefined ? undefined : setTimeout(leave, leavesWithin);
    socket.on("data", (bytes: Buffer) => {
      if (by !== "server") return;
      const events = lines.push(answer.push(bytes.toString("latin1")));
      if (answer.status !== "") answered ??= Date.now();
      for (const event of events) {
        if (by !== "server") break;
        if (this.#outcome !== undefined) this.#fault(`${event.event} came after the end`);
        this.#take(event);
        if (event.id !== "") this.#lastId = event.id;
        if (event.event === "token" && ++tokens === leavesAfter) leave();
      }
      // What was told at the end has no data of its own after it.
      if (by === "server" && this.#outcome !== undefined) by = "told";
    });
    const head = [
      `${method} ${pathOf(this.plan)} HTTP/1.1`,
      "host: 127.0.0.1",
      "connection: close",
      ...(method === "POST" ? ["content-length: 0"] : []),
      ...(lastId === undefined ? [] : [`last-event-id: ${lastId}`]),
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n`);

    return new Promise((resolve) => {
      socket.once("close", () => {
        clearTimeout(leaving);
        const status = answer.status === "" ? undefined : Number(answer.status.split(" ")[1]);
        if (status === 204 && by === "server") {
          if (lastId === undefined || this.#known === undefined) this.#fault("was told too early");
          [by, this.#outcome] = ["told", this.#known];
        }
        const visit: Visit = {
          client: this.client,
          key: this.plan.key,
          node,
          method,
          resumes: lastId !== undefined,
          from,
          answered,
          to: Date.now(),
          status,
          start: this.#start,
          tokens: this.#next,
          by,
          outcome: this.#outcome,
        };
        this.#testimony.visits.push(visit);
        resolve(visit);
      });
    });
  }

  /** Whatever comes now comes from the beginning. */
  #beginAnew(): void {
    this.#start = undefined;
    this.#next = 0;
    this.#known = undefined;
  }

  #take({ event, data }: WireEvent): void {
    if (event === "token") this.#takeToken(JSON.parse(data) as Token);
    else if (event === "sluice.end")
      this.#outcome = this.#known = (JSON.parse(data) as { outcome: string }).outcome;
    else if (event === "sluice.reset") {
      this.#testimony.resets.push((JSON.parse(data) as { reason: string }).reason);
      this.#beginAnew();
    } else if (event !== "sluice.position") this.#fault(`${event} is no event of a run`);
  }

  #takeToken({ key, start, n, word }: Token): void {
    const { plan } = this;
    this.#testimony.tokens++;
    if (key !== plan.key || word !== wordOf(plan.key, n)) this.#fault(`${key} ${n} is not its own`);
    if (this.#start !== undefined && start !== this.#start)
      this.#fault(`${n} of the attempt ${start} came among those of ${this.#start}`);
    if (n < this.#next) {
      this.#testimony.doubled++;
      this.#fault(`${n} came after ${this.#next - 1}`);
    } else if (n > this.#next) {
      this.#testimony.lost += n - this.#next;
      this.#fault(`${n} came where ${this.#next} was to come`);
    }
    this.#start = start;
    this.#next = n + 1;
  }

  #fault(what: string): void {
    this.#testimony.fault(`${this.plan.key}, client ${this.client}: ${what}`);
  }
}
