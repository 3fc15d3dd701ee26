import { SseClientError } from "@sluice/client";
import { describe, expect, test } from "vitest";
import { reasonOf } from "./reason.js";

const URL = "http://a.example/?token=secret";

/** As `fetch` fails: the reason is the cause of its error. */
function disconnected(code: string, message: string): SseClientError {
  const cause = new TypeError("fetch failed", {
    cause: Object.assign(new Error(message), { code }),
  });
  return new SseClientError("ERR_DISCONNECTED", `${URL}: failed`, { cause });
}

describe("why a connection failed is said in a few words", () => {
  test.each([
    ["ECONNREFUSED", "", "connection refused"],
    ["ENOTFOUND", "getaddrinfo ENOTFOUND a.example", "there is no such host"],
    ["UND_ERR_SOCKET", "other side closed", "the connection was cut"],
    ["EHOSTUNREACH", "connect EHOSTUNREACH 10.0.0.1", "connect EHOSTUNREACH 10.0.0.1"],
    ["EPROTO", "", "fetch failed"],
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "self-signed certificate",
      "self-signed certificate (NODE_EXTRA_CA_CERTS=FILE adds one to trust)",
    ],
  ])("%s", (code, message, reason) => {
    expect(reasonOf(disconnected(code, message), undefined)).toBe(reason);
  });
});

test("a response that came to its end was ended by the server, another one was cut", () => {
  const error = new SseClientError("ERR_DISCONNECTED", `${URL}: ended early`);
  const answer = { status: 200, type: "text/event-stream" };
  expect(reasonOf(error, { ...answer, isWhole: true })).toBe("the server ended it");
  expect(reasonOf(error, { ...answer, isWhole: false })).toBe("the connection was cut");
});

test("a refusal is told with the server's words, but for pages, and at most 300 letters of them", () => {
  const refused = (status: number, body: string): string =>
    reasonOf(new SseClientError("ERR_REFUSED", `${URL}: answered`, { status, body }), undefined);
  expect(refused(403, '{"message":\n "no"}')).toBe('403 Forbidden: {"message": "no"}');
  expect(refused(404, "<!doctype html>")).toBe("404 Not Found");
  expect(refused(499, "")).toBe("499");
  expect(refused(400, "x".repeat(1_000))).toBe(`400 Bad Request: ${"x".repeat(299)}…`);
});
