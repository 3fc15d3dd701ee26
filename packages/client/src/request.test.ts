import { describe, expect, it, onTestFinished, vi } from "vitest";
import { hear, settled } from "../test/listening.js";
import { startPeer, type Visit } from "../test/peer.js";
import { Inbox } from "../test/told.js";
import { type ConnectOptions, connect } from "./index.js";

/** The first request that a client makes with these options. */
async function requestOf(options: ConnectOptions): Promise<Visit> {
  const peer = await startPeer();
  void settled(connect(peer.url, options));
  return peer.visits.next();
}

describe("the request for a stream", () => {
  it("is a GET that accepts an event stream and goes past caches", async () => {
    const { request } = await requestOf({});
    expect(request.method).toBe("GET");
    expect(request.headers).toMatchObject({
      accept: "text/event-stream",
      "cache-control": "no-cache",
    });
    expect(request.headers).not.toHaveProperty("last-event-id");
    expect(request.headers).not.toHaveProperty("content-type");
  });

  it.each<[string, NonNullable<ConnectOptions["headers"]>]>([
    ["an object", { authorization: "Bearer one" }],
    ["pairs", [["authorization", "Bearer one"]]],
    ["Headers", new Headers({ authorization: "Bearer one" })],
    ["a function", () => ({ authorization: "Bearer one" })],
    ["an async function", async () => new Headers({ authorization: "Bearer one" })],
  ])("has the headers that are given as %s", async (_name, headers) => {
    const { request } = await requestOf({ headers });
    expect(request.headers.authorization).toBe("Bearer one");
  });

  it("has headers that are asked for before each attempt, so that a token is fresh", async () => {
    const peer = await startPeer((visit) => visit.open(": hello\n").end());
    let token = 0;
    const client = connect(peer.url, {
      headers: async () => ({ authorization: `Bearer ${++token}` }),
      reconnect: { delay: 0 },
    });
    void settled(client);
    const visits = await peer.visits.take(3);
    expect(visits.map(({ request }) => request.headers.authorization)).toEqual([
      "Bearer 1",
      "Bearer 2",
      "Bearer 3",
    ]);
  });

  it("lets the headers that are given say what is accepted, and what the body is", async () => {
    const { request } = await requestOf({
      headers: {
        accept: "text/event-stream, application/json",
        "content-type": "application/vnd.api+json",
      },
      body: { q: 1 },
    });
    expect(request.headers.accept).toBe("text/event-stream, application/json");
    expect(request.headers["content-type"]).toBe("application/vnd.api+json");
  });

  it("brings the last id back in the bytes of UTF-8", async () => {
    const visit = await requestOf({ lastEventId: "zwölf-日本-🦊" });
    expect(visit.lastEventId).toBe("zwölf-日本-🦊");
  });

  it("brings no id where the last one was reset to none", async () => {
    const peer = await startPeer();
    const events = hear(connect(peer.url, { lastEventId: "7", reconnect: { delay: 0 } }));
    const first = await peer.visits.next();
    expect(first.lastEventId).toBe("7");
    first.open("id\ndata: 1\n\n");
    expect(await events.next()).toEqual({ event: "message", data: 1, id: "" });
    first.end();
    expect((await peer.visits.next()).lastEventId).toBeUndefined();
  });

  it("is a POST where there is a body, and an object is sent as JSON", async () => {
    const visit = await requestOf({ body: { prompt: "tea", n: [1, 2] } });
    expect(visit.request.method).toBe("POST");
    expect(visit.request.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(await visit.body())).toEqual({ prompt: "tea", n: [1, 2] });
  });

  it("sends an array as JSON", async () => {
    const visit = await requestOf({ body: [1, { two: 2 }] });
    expect(visit.request.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(await visit.body())).toEqual([1, { two: 2 }]);
  });

  it("sends a string as it is", async () => {
    const visit = await requestOf({ body: "tea, please" });
    expect(visit.request.headers["content-type"]).toBe("text/plain;charset=UTF-8");
    expect(await visit.body()).toBe("tea, please");
  });

  it("sends a form as a form, with its boundary", async () => {
    const body = new FormData();
    body.set("drink", "tea");
    const visit = await requestOf({ body });
    expect(visit.request.headers["content-type"]).toMatch(/^multipart\/form-data; boundary=/);
    expect(await visit.body()).toMatch(/name="drink"\r\n\r\ntea\r\n/);
  });

  it("sends search parameters as a form's", async () => {
    const visit = await requestOf({ body: new URLSearchParams({ drink: "tea" }) });
    expect(visit.request.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
    expect(await visit.body()).toBe("drink=tea");
  });

  it("sends bytes as they are", async () => {
    const visit = await requestOf({ body: new Uint8Array([116, 101, 97]) });
    expect(await visit.body()).toBe("tea");
  });

  it("has the method that is given", async () => {
    const visit = await requestOf({ method: "PUT", body: "x" });
    expect(visit.request.method).toBe("PUT");
  });

  it("sends the body again with each attempt, where a POST may be repeated", async () => {
    const peer = await startPeer();
    void settled(connect(peer.url, { body: { n: 1 }, reconnect: { delay: 0 } }));
    for (let attempt = 0; attempt < 2; attempt++) {
      const visit = await peer.visits.next();
      expect(await visit.body()).toBe('{"n":1}');
      visit.open(": hello\n").end();
    }
  });

  it("passes on what else fetch takes, and is made by the fetch that is given", async () => {
    const inits = new Inbox<RequestInit>();
    void settled(
      connect("/rooms", {
        credentials: "include",
        mode: "cors",
        redirect: "error",
        referrerPolicy: "no-referrer",
        priority: "high",
        fetch: (url, init) => {
          expect(url).toBe("/rooms");
          inits.put(init!);
          return new Promise(() => {});
        },
      }),
    );
    expect(await inits.next()).toMatchObject({
      method: "GET",
      credentials: "include",
      mode: "cors",
      redirect: "error",
      referrerPolicy: "no-referrer",
      priority: "high",
      cache: "no-store",
      signal: expect.any(AbortSignal),
    });
  });

  it("calls the global fetch as it is when the client is made, without a `this`", async () => {
    const { request } = await requestOf({ lastEventId: "" });
    expect(request.headers).not.toHaveProperty("last-event-id");
  });

  it("takes a URL object, and leaves it as it is", async () => {
    const peer = await startPeer();
    const client = connect(new URL(`${peer.url}?room=tea#x`));
    void settled(client);
    expect(client.url).toBe(`${peer.url}?room=tea#x`);
    expect((await peer.visits.next()).request.url).toBe("/stream?room=tea");
  });
});

describe("a method that is spelled otherwise", () => {
  it.each(["get", "Get", undefined])("%s: is a GET, and is repeated", async (method) => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0);
    onTestFinished(() => random.mockRestore());
    const peer = await startPeer((visit) => visit.open(": hello\n").end());
    const options = { method, reconnect: undefined } as object;
    void settled(connect(peer.url, options));
    const visits = await peer.visits.take(2);
    expect(visits.map(({ request }) => request.method)).toEqual(["GET", "GET"]);
  });
});

describe("a URL", () => {
  it.each(["/rooms/tea", "", "http://", "no url"])(
    "that is none where there is no page is refused: %j",
    (url) => {
      expect(() => connect(url)).toThrow(TypeError);
    },
  );

  it("is not looked at where the application makes the requests", async () => {
    const urls: unknown[] = [];
    const client = connect("/rooms/tea", {
      reconnect: false,
      fetch: (url) => {
        urls.push(url);
        return Promise.resolve(new Response(null, { status: 204 }));
      },
    });
    await client.closed;
    expect(urls).toEqual(["/rooms/tea"]);
  });
});
