import {
  type Batch,
  type CloseReason,
  type Context,
  encode,
  encodeEnd,
  Frame,
  HttpError,
  idOfFrame,
  type Invocation,
  type Outcome,
  type Outlet,
  type SharedText,
  type Sink,
  type SourceItem,
  type SseEvent,
  type SseYield,
  type StreamLimits,
} from "@sluice/core";
import type { ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import { unwatchDeparture, watchDeparture } from "./departure.js";
import { Admission } from "./admission.js";
import { ConnectionInfo } from "./connection-info.js";
import { logClose } from "./close-log.js";
import { connectionSent } from "./diagnostics.js";
import { logFault } from "./fault-log.js";
import { sendHead } from "./head.js";
import type { KeptAlive } from "./keep-alive.js";
import type { ResumePoint } from "./last-event-id.js";
import { LazySignal } from "./lazy-signal.js";
import { warnOfLateHeaders } from "./late-headers.js";
import { RequestContext } from "./request-context.js";
import type { StreamRoute } from "./stream-route.js";
import { type Tallied, Traffic } from "./traffic.js";
import type { Watched } from "./write-deadline.js";
import { Pace, type Writer } from "./writers/writer.js";

const KEEP_ALIVE = Frame.of({ comment: "keep-alive" });

/**
 * After how much silence the operating system asks whether the client's is still there, in milliseconds.
 * It asks only where nothing is in flight, and is not set where our own keep-alive is quicker.
 */
const TCP_KEEP_ALIVE = 30_000;

/** What feeds a connection. */
export interface Feed {
  /** The client has caught up. */
  drained(): void;
  /** The connection closed; called once. */
  closed(reason: CloseReason): void;
}

/**
 * One client of one stream, from the arrival of its request to its one and only {@link close}.
 */
export class Connection implements Sink, KeptAlive, Watched {
  #writer: Writer | undefined;
  #closed: CloseReason | undefined;
  /** What the client has as its last id. */
  #lastId: string | undefined;
  /** How many events were sent. */
  #events = 0;
  readonly route: StreamRoute;
  readonly lastEventId: string | undefined;
  readonly info: ConnectionInfo;
  /** Left out where nothing is limited. */
  readonly admission: Admission | undefined;
  writtenBefore = 0;
  writtenIn = 0;
  readonly #traffic: Traffic;
  readonly #response: ServerResponse;
  readonly #log: FastifyBaseLogger;
  /** Let go when the head is out, and so is the context unless something may still need it. */
  #reply: FastifyReply | undefined;
  #context: RequestContext | undefined;
  #signal: LazySignal | undefined;
  readonly #onLeave = (): void => this.close("client");
  #invocation: Invocation | undefined;
  #feed: Feed | undefined;
  #onDrain: (() => void) | undefined;
  /** Why it was ended before its head was out. */
  #refused: CloseReason | undefined;
  #opening: ((opened: boolean) => void) | undefined;
  #failing = false;

  constructor(route: StreamRoute, reply: FastifyReply, resume: ResumePoint) {
    const { request } = reply;
    this.route = route;
    this.info = new ConnectionInfo(route.compiled, addressOf(request), this);
    if (route.maxConnections !== undefined || !route.admissions.isUnlimited)
      this.admission = new Admission(route.admissions, this.info, route.maxConnections);
    this.#traffic = new Traffic(this.info);
    this.lastEventId = resume.lastEventId;
    if (resume.problem === undefined) this.#lastId = resume.lastEventId;
    this.#context = new RequestContext(request, reply, route.compiled, this, resume);
    this.#reply = reply;
    this.#response = reply.raw;
    this.#log = reply.log;
    route.registry.add(this);
    route.connections.add(this.info);
    watchDeparture(reply.raw, this.#onLeave);
  }

  /** The request: while the head is not out, or as long as the route may need it. */
  get context(): Context | undefined {
    return this.#context;
  }

  get limits(): StreamLimits {
    return this.route.limits;
  }

  /** Aborted when the connection closes. */
  get signal(): AbortSignal {
    return (this.#signal ??= new LazySignal(this.#closed)).signal;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  get isOpen(): boolean {
    return this.#writer !== undefined;
  }

  get waitingBytes(): number {
    return this.#writer?.bufferedBytes ?? 0;
  }

  get takenBytes(): number {
    return this.#writer?.takenBytes ?? 0;
  }

  get writtenBytes(): number {
    return this.#writer?.written ?? 0;
  }

  stall(): void {
    this.destroy("slow-consumer");
  }

  /** Ties what was made for this request to its end. */
  use(invocation: Invocation): void {
    this.#invocation = invocation;
    if (this.#closed !== undefined) void this.#dispose();
  }

  /** Sets what feeds the connection; it is told of the end, at once if that has come. */
  feedFrom(feed: Feed): void {
    if (this.#closed === undefined) this.#feed = feed;
    else feed.closed(this.#closed);
  }

  /** @throws HttpError 403 when a revocation meets it */
  requirePermission(): void {
    this.#refused ??= this.route.connections.refuses(this.info);
    if (this.#refused !== undefined) throw endedBefore(this.#refused);
  }

  /**
   * Sends the head, with the first event if there is one.
   *
   * @returns false when the client has left
   * @throws HttpError 503 when the server is closing, 403 when the connection was ended meanwhile
   */
  open(first?: SourceItem): boolean | Promise<boolean> {
    if (this.#closed !== undefined) return false;
    if (this.route.registry.isDraining) throw new HttpError(503, "The server is closing.");
    this.#refused ??= this.info.open();
    // The handler may have noted tags.
    this.requirePermission();
    const text = first === undefined ? "" : this.#encode(first);
    let opened: boolean | undefined;
    sendHead(
      this.#reply!,
      (writer) => {
        opened = this.#begin(writer, text);
        this.#opening?.(opened);
      },
      // A hook has answered in place of the stream.
      () => this.close("error"),
    );
    return opened ?? new Promise((resolve) => (this.#opening = resolve));
  }

  /** Sends an event of an iterable. */
  send(item: SourceItem): Pace {
    const text = this.#encode(item);
    return this.#write(text, item instanceof Frame ? item : undefined);
  }

  write(event: SseYield, text: string): boolean {
    this.#noteOf(event);
    return this.#write(text) !== Pace.Wait;
  }

  tally(what: Tallied, count: number): void {
    this.#traffic.tally(what, count);
  }

  writeBatch(batch: Batch): number {
    const writer = this.#writer;
    if (writer === undefined || this.#closed !== undefined) return 0;
    this.#lastId = batch.lastId;
    this.#count(batch.size, batch.text);
    const waiting = writer.writeShared(batch);
    if (waiting > 0) this.#listenForDrain(writer);
    return waiting;
  }

  sendKeepAlive(): void {
    // To a client that is behind, a comment would only add to the heap.
    if (this.#writer?.bufferedBytes === 0) this.#writer.writeShared(KEEP_ALIVE);
  }

  complete(outcome: Outcome = "done"): void {
    this.end(outcome === "failed" ? "error" : "complete", this.#mark(outcome));
  }

  interrupt(): void {
    this.end("error", "");
  }

  fail(error: unknown): void {
    if (this.#closed !== undefined || this.#failing) return;
    this.#failing = true;
    const final = error instanceof HttpError && error.statusCode < 500;
    this.report(error);
    const end = (event: SourceItem | undefined): void => {
      const text = event === undefined ? "" : this.#encode(event);
      this.end("error", text + (final ? this.#mark("failed") : ""));
    };
    const { onError } = this.route;
    const context = this.#context;
    if (onError === undefined || context === undefined) {
      end(undefined);
      return;
    }
    new Promise<SourceItem | undefined>((resolve) => resolve(onError(error, context)))
      .then(end)
      .catch((fault) => {
        this.report(fault);
        end(undefined);
      });
  }

  overflow(): void {
    this.destroy("slow-consumer");
  }

  report(error: unknown): void {
    const log = this.#log;
    const route = this.route.compiled.name;
    if (error instanceof HttpError && error.statusCode < 500) {
      log.info({ err: error, route }, "event stream failed");
    } else logFault(log, error, route);
  }

  /** Cuts the response off, wherever it is. */
  destroy(reason: CloseReason): void {
    this.#response.destroy();
    this.close(reason);
  }

  /** Ends the response after a last text, and closes. */
  end(reason: CloseReason, farewell: string): void {
    const writer = this.#writer;
    if (this.#closed !== undefined) return;
    if (writer === undefined) {
      // There is no stream to end yet: none will be opened.
      this.#refused ??= reason;
      return;
    }
    if (farewell !== "") writer.write(farewell);
    this.route.registry.finish(this.#response, this.route.writeDeadline?.limit);
    writer.end();
    this.close(reason);
  }

  /**
   * The one place where a connection is cleaned up. Each step is taken whatever the others do, and
   * none waits.
   */
  close(reason: CloseReason): void {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#signal?.abort(reason);
    this.info.stop();
    this.#release();
    this.#tellFeed(reason);
    this.#opening?.(false);
    void this.#dispose();
    if (this.#writer !== undefined) this.#tellClosed(reason, this.#writer.written);
  }

  #tellClosed(reason: CloseReason, bytes: number): void {
    const summary = this.#traffic.closed(reason, this.#events, bytes);
    if (this.route.logsCloses) logClose(this.#log, summary);
  }

  #release(): void {
    unwatchDeparture(this.#response, this.#onLeave);
    this.admission?.leave();
    this.route.registry.delete(this);
    this.route.connections.delete(this.info);
    this.route.keepAlive?.delete(this);
    this.route.writeDeadline?.delete(this);
    if (this.#onDrain !== undefined) this.#writer?.target.off("drain", this.#onDrain);
  }

  #tellFeed(reason: CloseReason): void {
    const feed = this.#feed;
    this.#feed = undefined;
    try {
      feed?.closed(reason);
    } catch (error) {
      this.report(error);
    }
  }

  async #dispose(): Promise<void> {
    try {
      await this.#invocation?.dispose();
    } catch (error) {
      this.report(error);
    }
  }

  #begin(writer: Writer, text: string): boolean {
    if (this.#closed !== undefined) {
      writer.end();
      return false;
    }
    const { keepAlive, writeDeadline, preamble, registry, onError, recheck } = this.route;
    const reply = this.#reply!;
    this.#reply = undefined;
    this.#writer = writer;
    writer.observer = this.#traffic;
    if (keepAlive === undefined || keepAlive.interval > TCP_KEEP_ALIVE)
      reply.request.socket.setKeepAlive?.(true, TCP_KEEP_ALIVE);
    warnOfLateHeaders(reply);
    if (preamble !== "" || text !== "") {
      writer.write(preamble + text);
      writer.flush();
    }
    keepAlive?.add(this);
    writeDeadline?.add(this);
    this.#beginLifetime();
    this.#traffic.opened();
    if (text !== "") this.#count(1, text);
    // The server may have begun to close while hooks worked on the head.
    if (registry.isDraining) this.end("shutdown", registry.farewell());
    // Or somebody has ended it.
    if (this.#refused !== undefined) this.end(this.#refused, "");
    if (this.#closed !== undefined) return false;
    // What a source that pushes has by now goes out with the head.
    this.#feed?.drained();
    writer.flush();
    if (onError === undefined && recheck === undefined) this.#context = undefined;
    return true;
  }

  #beginLifetime(): void {
    const { maxDuration, recheck } = this.route;
    if (maxDuration !== undefined) this.info.lifetime.limit(maxDuration);
    if (recheck !== undefined) this.info.lifetime.repeat(recheck, () => this.#askGuards());
  }

  /** Asks the guards again; what one of them says no to ends, and is answered when it reconnects. */
  async #askGuards(): Promise<void> {
    try {
      await this.#invocation?.authorize(this.#context!);
    } catch (error) {
      if (this.#closed !== undefined) return;
      if (error instanceof HttpError && error.statusCode < 500) this.end("revoked", "");
      // One that can't tell just now is asked again.
      else this.report(error);
    }
  }

  /** @throws SseEncodeError when it is no legal event */
  #encode(item: SourceItem): string {
    if (item instanceof Frame) {
      this.#note(idOfFrame(item));
      return item.text;
    }
    const text = encode(item);
    this.#noteOf(item);
    return text;
  }

  #noteOf(event: SseYield): void {
    if (typeof event === "object" && event !== null) this.#note((event as SseEvent).id);
  }

  #note(id: string | undefined): void {
    if (id !== undefined) this.#lastId = id;
  }

  /** Once something was written: the first event is told. */
  get outlet(): Outlet | undefined {
    return this.#events > 0 ? this.#writer : undefined;
  }

  flowed(events: number, lastId: string): void {
    this.#events += events;
    this.#lastId = lastId;
  }

  awaitDrain(): void {
    if (this.#writer !== undefined) this.#listenForDrain(this.#writer);
  }

  #count(events: number, text: string): void {
    if (this.#events === 0) this.#traffic.first();
    this.#events += events;
    if (connectionSent.hasSubscribers) this.#traffic.sent(events, text);
  }

  /** @param shared - the same text, where others get it too */
  #write(text: string, shared?: SharedText): Pace {
    const writer = this.#writer;
    if (writer === undefined || this.#closed !== undefined) return Pace.Go;
    this.#count(1, text);
    const pace = writer.write(text, shared);
    if (pace === Pace.Wait) this.#listenForDrain(writer);
    return pace;
  }

  /** One listener from the first time that the client is behind, to the end. */
  #listenForDrain(writer: Writer): void {
    this.#traffic.behind();
    if (this.#onDrain !== undefined) return;
    this.#onDrain = () => {
      this.#traffic.drained();
      this.#feed?.drained();
    };
    writer.target.on("drain", this.#onDrain);
  }

  #mark(outcome: Outcome): string {
    return this.route.marksCompletion ? encodeEnd(this.#lastId, outcome) : "";
  }
}

function endedBefore(reason: CloseReason): HttpError {
  return reason === "timeout"
    ? new HttpError(503)
    : new HttpError(403, "The permission to listen has ended.", { code: "ERR_REVOKED" });
}

/** Behind proxies that are trusted, Fastify knows the address; else the socket does. */
function addressOf(request: FastifyRequest): string | FastifyRequest["socket"] {
  return "ips" in request ? request.ip : request.raw.socket;
}
