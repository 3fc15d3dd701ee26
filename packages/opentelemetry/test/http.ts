import { createServer } from "node:http";
import { context, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { FastifyServerFactory } from "fastify";
import { onTestFinished } from "vitest";
import type { Spans } from "./telemetry.js";

/**
 * What an HTTP instrumentation does: each request is handled in the context of a span of its own.
 *
 * @returns options of the server
 */
export function instrumentHttp(spans: Spans): { readonly serverFactory: FastifyServerFactory } {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  const tracer = spans.provider.getTracer("http");
  const serverFactory: FastifyServerFactory = (handler) =>
    createServer((request, response) => {
      const name = [request.method, request.url].join(" ");
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER }, ROOT_CONTEXT);
      response.on("close", () => span.end());
      context.with(trace.setSpan(ROOT_CONTEXT, span), () => handler(request, response));
    });
  return { serverFactory };
}
