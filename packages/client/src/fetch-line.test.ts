import { describe, expect, it } from "vitest";
import { FakeFetch } from "../test/fake-fetch.js";
import { Inbox } from "../test/told.js";
import { openFetchLine } from "./fetch-line.js";
import type { ClientState, Line, Message } from "./line.js";

describe("a line", () => {
  it("tells its target nothing before the caller's turn is over", async () => {
    const { fetch, calls } = new FakeFetch();
    const states = new Inbox<ClientState>();
    const target = { lastEventId: "", change: states.put, take: () => {} };
    const line = openFetchLine("http://sluice.test/", { method: "GET", fetch }, target);
    expect(states.all).toEqual([]);
    expect(await states.next()).toBe("connecting");
    await calls.next();
    line.close();
  });

  it("tells its target nothing once it is closed, also in the midst of what has come", async () => {
    const { fetch, calls } = new FakeFetch();
    const states = new Inbox<ClientState>();
    const messages = new Inbox<Message>();
    const line: Line = openFetchLine(
      "http://sluice.test/",
      { method: "GET", fetch },
      {
        lastEventId: "",
        change: states.put,
        take(message) {
          messages.put(message);
          line.close();
        },
      },
    );
    const call = (await calls.next()).open("data: 1\n\ndata: 2\n\n");
    expect(await messages.next()).toEqual({ data: "1" });
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(call.isAborted).toBe(true);
    expect(messages.all).toHaveLength(1);
    expect(states.all).toEqual(["connecting", "open"]);
  });

  it("takes the next message when the promise for the one before it is settled", async () => {
    const { fetch, calls } = new FakeFetch();
    const messages = new Inbox<Message>();
    const gates: (() => void)[] = [];
    const line = openFetchLine(
      "http://sluice.test/",
      { method: "GET", fetch },
      {
        lastEventId: "",
        change() {},
        take(message) {
          messages.put(message);
          return new Promise((go) => gates.push(go));
        },
      },
    );
    (await calls.next()).open("data: 1\n\ndata: 2\n\n");
    await messages.next();
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(messages.all).toHaveLength(1);
    gates[0]!();
    expect(await messages.next()).toEqual({ data: "2" });
    line.close();
  });
});
