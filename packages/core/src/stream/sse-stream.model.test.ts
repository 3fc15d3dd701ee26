import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { CloseReason } from "../close-reason.js";
import { Frame } from "../frame.js";
import { ATTACH, type Attachment, type Sink, type StreamOverflow } from "./push-source.js";
import { SseStream } from "./sse-stream.js";

/** What an application, a connection or a client may do to a stream. */
type Action =
  | { readonly do: "send"; readonly pad: number; readonly as: "event" | "frame" | "comment" }
  | { readonly do: "close" | "fail" | "leave" | "listen" }
  /** The connection takes this many events before it is full again. */
  | { readonly do: "drain"; readonly room: number };

interface Plan {
  readonly overflow: StreamOverflow;
  readonly bound: number;
  readonly early: readonly Action[];
  readonly late: readonly Action[];
  /** What happens inside the connection's writes, one after another, and inside callbacks. */
  readonly nested: readonly (readonly Action[])[];
}

const send = fc.record({
  do: fc.constant("send" as const),
  pad: fc.nat({ max: 40 }),
  as: fc.constantFrom("event" as const, "frame" as const, "comment" as const),
});
const drain = fc.record({ do: fc.constant("drain" as const), room: fc.nat({ max: 4 }) });
const once = (what: "close" | "fail" | "leave" | "listen") => fc.constant({ do: what });
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: send },
  { weight: 4, arbitrary: drain },
  { weight: 1, arbitrary: fc.oneof(once("close"), once("fail"), once("leave"), once("listen")) },
);
const actions = fc.array(action, { maxLength: 30 });
const plan: fc.Arbitrary<Plan> = fc.record({
  overflow: fc.constantFrom<StreamOverflow>("disconnect", "drop-oldest", "drop-newest"),
  bound: fc.integer({ min: 0, max: 200 }),
  early: fc.array(action, { maxLength: 6 }),
  late: actions,
  nested: fc.array(fc.array(action, { maxLength: 3 }), { maxLength: 20 }),
});

/** Runs a plan, and holds each step of it against what a stream promises. */
class Run implements Sink {
  readonly isClosed = false;
  readonly limits = {};
  readonly lastEventId = undefined;
  readonly context = undefined;
  readonly stream: SseStream;
  /** What is on its way, in the order in which it was sent: neither written nor dropped. */
  readonly #due: string[] = [];
  readonly #plan: Plan;
  #sent = 0;
  #dropped = 0;
  #room = 0;
  #step = 0;
  #attachment: Attachment | undefined;
  #over = false;
  #toldEnd = 0;
  readonly #faults: unknown[] = [];
  readonly #listeners: CloseReason[][] = [];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.stream = new SseStream({
      overflow: plan.overflow,
      maxBufferedBytes: plan.bound,
      onDrop: this.#held(({ data, comment }, dropped) => {
        const index = this.#due.indexOf((data ?? comment) as string);
        const last = this.#due.length - 1;
        expect(plan.overflow === "drop-oldest" ? [0, last] : [last]).toContain(index);
        this.#due.splice(index, 1);
        expect(dropped).toBe(++this.#dropped);
      }),
    });
    this.#listen();
  }

  run(): void {
    for (const action of this.#plan.early) this.#perform(action);
    try {
      this.#attachment = this.stream[ATTACH](this);
    } catch (error) {
      // Failed before anything was sent, or overflowed: that is the answer, and nothing went out.
      expect(this.stream.isClosed()).toBe(true);
      expect(this.stream.bufferedBytes).toBe(0);
      expect(error).toBeDefined();
      this.#expectClosedOnce();
      return;
    }
    for (const action of this.#plan.late) this.#perform(action);
    this.#settle();
  }

  write(_event: unknown, text: string): boolean {
    expect(this.#over).toBe(false);
    expect(this.#toldEnd).toBe(0);
    const key = /\d+:x*/.exec(text)![0];
    // Exactly once and in order: it is the oldest of those that are due.
    expect(this.#due.shift()).toBe(key);
    this.#nest();
    return --this.#room > 0;
  }

  writeBatch(): number {
    throw new Error("An SseStream writes no batches.");
  }

  tally(): void {}

  complete(): void {
    this.#end("complete");
  }

  fail(): void {
    this.#end("error");
  }

  overflow(): void {
    expect(this.#over).toBe(false);
    expect(this.#plan.overflow).toBe("disconnect");
    this.#close("slow-consumer");
  }

  report(error: unknown): void {
    this.#faults.push(error);
  }

  #perform(action: Action): void {
    switch (action.do) {
      case "send":
        this.#send(action.pad, action.as);
        break;
      case "drain":
        if (this.#attachment === undefined) break;
        this.#room = action.room;
        if (this.#room > 0) this.#attachment.drained();
        break;
      case "close":
        this.stream.close();
        break;
      case "fail":
        this.stream.fail("failed");
        break;
      case "leave":
        if (this.#attachment !== undefined) this.#close("client");
        break;
      case "listen":
        this.#listen();
    }
    this.#check();
  }

  #send(pad: number, as: "event" | "frame" | "comment"): void {
    const key = `${this.#sent++}:${"x".repeat(pad)}`;
    const wasClosed = this.stream.isClosed();
    const droppedBefore = this.stream.dropped;
    const dueBefore = this.#due.length;
    this.#due.push(key);
    const taken =
      as === "comment"
        ? this.stream.sendComment(key)
        : this.stream.send(as === "frame" ? Frame.of(key) : key);
    if (wasClosed) expect(taken).toBe(false);
    if (taken) return;
    // Not taken: the stream is closed, or it was dropped, and counted.
    expect(this.stream.isClosed() || this.stream.dropped > droppedBefore).toBe(true);
    expect(this.#due.length).toBeLessThanOrEqual(dueBefore + 1);
    const index = this.#due.indexOf(key);
    if (index !== -1) this.#due.splice(index, 1);
  }

  #listen(): void {
    const reasons: CloseReason[] = [];
    this.#listeners.push(reasons);
    this.stream.onClose(
      this.#held((reason) => {
        reasons.push(reason);
        this.#nest();
      }),
    );
  }

  /** A callback whose failed expectations are kept: the stream takes what a callback throws. */
  #held<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        callback(...args);
      } catch (error) {
        this.#faults.push(error);
      }
    };
  }

  /** What happens in the midst of a write or a callback. */
  #nest(): void {
    for (const action of this.#plan.nested[this.#step++] ?? []) this.#perform(action);
  }

  #end(reason: CloseReason): void {
    expect(this.#over).toBe(false);
    expect(++this.#toldEnd).toBe(1);
    // All that was sent went out before.
    expect(this.#due).toEqual([]);
    this.#nest();
    this.#close(reason);
  }

  #close(reason: CloseReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#attachment!.closed(reason);
    expect(this.stream.isClosed()).toBe(true);
  }

  #check(): void {
    expect(this.stream.bufferedBytes).toBeLessThanOrEqual(this.#plan.bound);
    expect(this.stream.dropped).toBe(this.#dropped);
  }

  /** Lets the client read all, ends the stream, and looks at what is left. */
  #settle(): void {
    for (let turns = 0; !this.#over; turns++) {
      // What is nested in a write may stop a drain, but not more often than there is something nested.
      expect(turns).toBeLessThanOrEqual(this.#plan.nested.length + 2);
      this.#perform({ do: "drain", room: Number.POSITIVE_INFINITY });
      if (this.#due.length === 0) this.stream.close();
    }
    expect(this.stream.bufferedBytes).toBe(0);
    expect(this.stream.send("late")).toBe(false);
    this.#expectClosedOnce();
  }

  #expectClosedOnce(): void {
    expect(this.#faults).toEqual([]);
    const reason = this.#listeners[0]![0];
    expect(reason).toBeDefined();
    for (const reasons of this.#listeners) expect(reasons).toEqual([reason]);
  }
}

it("C1, C7: what is accepted is written once and in order, or dropped and counted, or the stream was closed", () => {
  fc.assert(
    fc.property(plan, (plan) => {
      new Run(plan).run();
    }),
    { numRuns: 5_000 },
  );
});
