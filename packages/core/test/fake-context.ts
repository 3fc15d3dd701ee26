import type { Context } from "../src/index.js";

/** A context without a framework; what a test is about is given to it. */
export function fakeContext(parts: Partial<Record<keyof Context, unknown>> = {}): Context {
  return {
    request: {},
    reply: {},
    params: {},
    query: {},
    headers: {},
    body: undefined,
    cookies: undefined,
    ip: "203.0.113.7",
    lastEventId: undefined,
    signal: new AbortController().signal,
    connection: {},
    route: { name: "Test.route", controller: Object, method: "route", verb: "GET", path: "/" },
    ...parts,
  } as Context;
}
