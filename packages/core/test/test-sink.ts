import type { SseEvent } from "@sluice/protocol";
import type { Attachment, Batch, Context, Outcome, Sink, StreamLimits } from "../src/index.js";

/** A connection that notes what it is told, in order, and takes `room` events before it is full. */
export class TestSink implements Sink {
  isClosed = false;
  lastEventId: string | undefined;
  context: Context | undefined;
  limits: StreamLimits = {};
  readonly log: string[] = [];
  readonly events: SseEvent[] = [];
  readonly errors: unknown[] = [];
  readonly counts = { dropped: 0, replayed: 0, reset: 0 };
  room = Number.POSITIVE_INFINITY;
  attachment!: Attachment;
  duringWrite: ((text: string) => void) | undefined;

  write(event: SseEvent, text: string): boolean {
    this.events.push(event);
    this.log.push(text.replace(/^data: /, "").trimEnd());
    this.duringWrite?.(text);
    return --this.room > 0;
  }

  writeBatch(batch: Batch): number {
    for (const frame of batch.frames) this.write(frame.event, frame.text);
    return this.room > 0 ? 0 : batch.text.length;
  }

  complete(outcome: Outcome = "done"): void {
    this.log.push(outcome === "done" ? "<complete>" : `<complete ${outcome}>`);
    this.attachment.closed("complete");
  }

  fail(error: unknown): void {
    this.log.push(`<fail ${String(error)}>`);
    this.attachment.closed("error");
  }

  overflow(): void {
    this.log.push("<overflow>");
    this.attachment.closed("slow-consumer");
  }

  tally(what: "dropped" | "replayed" | "reset", count: number): void {
    this.counts[what] += count;
  }

  report(error: unknown): void {
    this.errors.push(error);
  }

  drain(room = Number.POSITIVE_INFINITY): this {
    this.room = room;
    this.attachment.drained();
    return this;
  }
}
