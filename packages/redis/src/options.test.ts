import { describe, expect, it } from "vitest";
import { RedisBroker, type RedisBrokerOptions } from "./index.js";

const open = (options: unknown) => () => new RedisBroker(options as RedisBrokerOptions);
const url = "redis://localhost:6379";

describe("options", () => {
  it.each([
    ["nothing at all", undefined],
    ["a text", url],
    ["no url", {}],
    ["an empty list", { url: [] }],
    ["another scheme", { url: "http://localhost" }],
    ["no scheme", { url: "localhost:6379" }],
    ["what is no url", { url: "redis://" }],
    ["a database that is no number", { url: `${url}/main` }],
    ["what the client refuses", { url, client: { RESP: 2, emitInvalidate: true } }],
    ["TLS where the url tells of none", { url, client: { socket: { tls: true } } }],
    ["a server twice", { url: [url, url] }],
    ["a number among the servers", { url: [url, 6379] }],
    ["a prefix that is no text", { url, prefix: 1 }],
    ["an unknown name", { url, timeout: 1 }],
    ["room for nothing", { url, maxQueuedBytes: 0 }],
    ["room for half a byte", { url, maxQueuedBytes: 1.5 }],
    ["no time for a command", { url, commandTimeout: 0 }],
    ["no time to publish", { url, publishTimeout: "0s" }],
    ["no time between checks", { url, checkInterval: 0 }],
    ["nothing to be remembered", { url, forgetAfter: 0 }],
  ])("are refused: %s", (_, options) => {
    expect(open(options)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }) as Error);
  });

  it.each(["commandTimeout", "publishTimeout", "checkInterval", "forgetAfter"])(
    "are refused where a time is none: %s",
    (name) => {
      const error = expect.objectContaining({ code: "ERR_DURATION" }) as Error;
      expect(open({ url, [name]: "soon" })).toThrow(error);
      expect(open({ url, [name]: -1 })).toThrow(error);
    },
  );

  it("tell no password when they are refused", () => {
    for (const options of [
      { url: "http://user:secret@localhost" },
      { url: ["redis://user:secret@localhost", "redis://user:secret@localhost"] },
      { url: "redis://user:secret@localhost", prefix: 1 },
      { url: "redis://user:secret@localhost", client: { socket: { tls: true } } },
    ]) {
      expect(open(options)).not.toThrow(/secret/);
      expect(open(options)).toThrow();
    }
  });

  it("connect nowhere before the broker is used, and close without having been", async () => {
    const broker = new RedisBroker({ url: "redis://192.0.2.1" });
    await broker.close();
    await broker.close();
    await expect(broker.follow("c", { deliver() {}, reached() {} })).rejects.toMatchObject({
      code: "ERR_BROKER_CLOSED",
    });
  });
});
