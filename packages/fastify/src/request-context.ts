import type { Context, RouteInfo } from "@sluice/core";
import { requireLegal, type ResumePoint } from "./last-event-id.js";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What a context needs of the connection behind it. */
export interface SignalSource {
  readonly signal: AbortSignal;
}

/** One request, as guards, parameters and interceptors see it. */
export class RequestContext implements Context {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly route: RouteInfo;
  readonly #resume: ResumePoint;
  readonly #signals: SignalSource;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    route: RouteInfo,
    signals: SignalSource,
    resume: ResumePoint,
  ) {
    this.request = request;
    this.reply = reply;
    this.route = route;
    this.#signals = signals;
    this.#resume = resume;
  }

  /** @throws HttpError 400 when the client brought what can't be an id */
  get lastEventId(): string | undefined {
    return requireLegal(this.#resume);
  }

  get params(): Readonly<Record<string, string | undefined>> {
    return this.request.params as Record<string, string | undefined>;
  }

  get query(): Readonly<Record<string, unknown>> {
    return this.request.query as Record<string, unknown>;
  }

  get headers(): Context["headers"] {
    return this.request.headers;
  }

  get body(): unknown {
    return this.request.body;
  }

  get cookies(): Readonly<Record<string, string | undefined>> | undefined {
    return (this.request as { cookies?: Record<string, string | undefined> }).cookies;
  }

  get ip(): string {
    return this.request.ip;
  }

  get signal(): AbortSignal {
    return this.#signals.signal;
  }
}
