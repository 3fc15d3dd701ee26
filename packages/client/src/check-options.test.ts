import { describe, expect, it, vi } from "vitest";
import { type ConnectOptions, connect } from "./index.js";

/** Options as a program without types may give them. */
const refused = (options: object): unknown => {
  try {
    connect("http://127.0.0.1:1", options as ConnectOptions).close();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("connect() refuses at once, by name", () => {
  it.each([
    ["silenceTimeout", { silenceTimeout: "30s" }],
    ["silenceTimeout", { silenceTimeout: 0 }],
    ["maxBuffered", { maxBuffered: Number.NaN }],
    ["maxBuffered", { maxBuffered: false }],
    ["maxEventSize", { maxEventSize: -1 }],
    ["delay", { reconnect: { delay: -1 } }],
    ["maxDelay", { reconnect: { maxDelay: "5s" } }],
    ["tick", { parse: { tick: 5 } }],
    ["share", { share: true }],
  ])("a wrong %s", (name, options) => {
    expect(refused(options)).toMatchObject({
      code: "ERR_OPTION",
      message: expect.stringMatching(`^${name} `),
    });
  });

  it("and nothing that can be meant", () => {
    const reconnect = { delay: 0, maxDelay: 0, maxAttempts: Infinity };
    expect(refused({ reconnect, silenceTimeout: false, maxBuffered: 0 })).toBeUndefined();
    expect(refused({ silenceTimeout: Infinity, parse: { tick: Number } })).toBeUndefined();
  });
});

describe("headers that no request can carry", () => {
  it.each([
    ["given", { authorization: "Bearer 9\u20ac" }],
    ["asked for", () => ({ authorization: "Bearer 9\u20ac" })],
  ])("end the client when they are %s", async (_how, headers) => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    const client = connect("http://127.0.0.1:1", { headers, fetch });
    await expect(client.closed).rejects.toMatchObject({ code: "ERR_OPTION" });
    expect(fetch).not.toHaveBeenCalled();
  });
});
