import type { Context, LiveConnection, RouteInfo } from "@sluice/core";
import { requireLegal, type ResumePoint } from "./last-event-id.js";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What a context needs of the connection behind it. */
export interface ContextSource {
  readonly signal: AbortSignal;
  readonly info: LiveConnection;
}

/** One request, as guards, parameters and interceptors see it. */
export class RequestContext implements Context {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly route: RouteInfo;
  readonly #resume: ResumePoint;
  readonly #source: ContextSource;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    route: RouteInfo,
    source: ContextSource,
    resume: ResumePoint,
  ) {
    this.request = request;
    this.reply = reply;
    this.route = route;
    this.#source = source;
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

  get connection(): LiveConnection {
    return this.#source.info;
  }

  get principal(): string | undefined {
    return this.#source.info.principal;
  }

  get signal(): AbortSignal {
    return this.#source.signal;
  }
}
