import { type Context, Controller, Ctx, Headers, LastEventId, Sse, UseGuards } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { http2Get } from "../test/http2-get.js";
import { exchange, get } from "../test/raw-connection.js";
import { readResumePoint } from "./last-event-id.js";

let asked = 0;

@Controller()
class Resuming {
  @Sse("feed") *feed(
    @LastEventId() last: string | undefined,
    @Headers("Last-Event-ID") header: string | undefined,
    @Ctx() ctx: Context,
  ) {
    yield { data: { last, header, context: ctx.lastEventId } };
  }

  @Sse("guarded")
  @UseGuards(() => {
    asked++;
    return false;
  })
  *guarded() {
    yield 1;
  }

  @Sse("endless", { onComplete: "reconnect" }) *endless(@LastEventId() last?: string) {
    yield { id: "8", data: last ?? "none" };
  }

  @Sse("number") *number(@LastEventId() last?: number) {
    yield { id: "8", data: { last, type: typeof last } };
  }
}

const LONGEST = "é".repeat(512);

describe("Last-Event-ID", () => {
  it("O5: is undefined on a first connect, and when it is empty", async () => {
    const app = await serve(Resuming);
    await using first = await testSse(app, "/feed");
    expect((await first.next()).json).toEqual({});
    await using empty = await testSse(app, "/feed?lastEventId=", { lastEventId: "" });
    expect((await empty.next()).json).not.toHaveProperty("last");
  });

  it("O5: is read from the header, or else from the query", async () => {
    const app = await serve(Resuming);
    await using header = await testSse(app, "/feed?lastEventId=6", { lastEventId: "7" });
    expect((await header.next()).json).toEqual({ last: "7", header: "7", context: "7" });
    for (const name of ["lastEventId", "evs_last_event_id"]) {
      await using query = await testSse(app, `/feed?${name}=6%20a`);
      expect((await query.next()).json).toEqual({ last: "6 a", context: "6 a" });
    }
  });

  it("W3: arrives as latin1 and is decoded to UTF-8", async () => {
    const app = await serve(Resuming);
    const id = "größe-日本-🎉";
    await using client = await testSse(app, "/feed", { lastEventId: id });
    expect((await client.next()).json).toEqual({ last: id, header: id, context: id });
    await using query = await testSse(app, `/feed?lastEventId=${encodeURIComponent(id)}`);
    expect((await query.next()).json).toMatchObject({ last: id });
  });

  it("is taken as latin1 where it is no UTF-8, as fetch sends it", async () => {
    const app = await serve(Resuming);
    const { port } = new URL(await app.listen({ host: "127.0.0.1", port: 0 }));
    const answer = await fetch(`http://127.0.0.1:${port}/feed`, {
      headers: { "last-event-id": "größe" },
    });
    expect(await answer.text()).toContain('"last":"größe"');
  });

  it("O5: is at most 1 KiB of UTF-8", async () => {
    const app = await serve(Resuming);
    await using client = await testSse(app, "/feed", { lastEventId: LONGEST });
    expect((await client.next()).json).toMatchObject({ last: LONGEST });
    for (const path of ["/feed", `/feed?lastEventId=${encodeURIComponent(`${LONGEST}a`)}`]) {
      await using tooLong = await testSse(app, path, {
        ...(path === "/feed" && { lastEventId: `${LONGEST}a` }),
      });
      expect(tooLong.status).toBe(400);
      expect(JSON.parse(await tooLong.text())).toMatchObject({
        code: "ERR_LAST_EVENT_ID",
        message: expect.stringContaining("at most 1024 bytes") as string,
      });
    }
  });

  it("O5: is a 400 when it could never have been sent", async () => {
    const app = await serve(Resuming);
    for (const id of ["a%0Ab", "a%00b", "%20a", "a%20", "%7F", "%C2%85"]) {
      await using client = await testSse(app, `/feed?lastEventId=${id}`);
      expect([id, client.status]).toEqual([id, 400]);
    }
    const connection = await exchange(app, get("/feed", { "Last-Event-ID": "a\x7fb" }));
    await connection.until(({ head }) => head !== "");
    expect(connection.head).toMatch(/^HTTP\/1\.1 400/);
  });

  it("O5: is a 400 when the query gives it more than once", async () => {
    await using client = await testSse(await serve(Resuming), "/feed?lastEventId=1&lastEventId=2");
    expect(client.status).toBe(400);
    expect(await client.text()).toContain("query.lastEventId must be given once");
  });

  it("O5: may be a number that a schema of the route made of the query", () => {
    expect(readResumePoint({}, { lastEventId: 7 })).toEqual({
      lastEventId: "7",
      completed: false,
    });
  });

  it("is converted for a parameter that is a number", async () => {
    const app = await serve(Resuming);
    await using client = await testSse(app, "/number", { lastEventId: "42" });
    expect((await client.next()).json).toEqual({ last: 42, type: "number" });
    await using wrong = await testSse(app, "/number", { lastEventId: "x" });
    expect(wrong.status).toBe(400);
  });

  it("O5: is read on HTTP/2 too", async () => {
    const app = await serve(Resuming, {}, makeApp({ http2: true }));
    const id = Buffer.from("é7").toString("latin1");
    const answer = await http2Get(app, "/feed", { headers: { "last-event-id": id } });
    expect(await answer.text()).toContain('"last":"é7"');
  });

  it("a name of Object.prototype in the query is no id", () => {
    const query = Object.create({ lastEventId: "inherited" }) as object;
    expect(readResumePoint({}, query).lastEventId).toBeUndefined();
    expect(readResumePoint({}, null).lastEventId).toBeUndefined();
  });
});

describe("the mark of a completed stream", () => {
  it("C3: is answered 204 with no-store before guards are asked", async () => {
    const app = await serve(Resuming);
    asked = 0;
    for (const lastEventId of ["#end", "42#end"]) {
      await using client = await testSse(app, "/guarded", { lastEventId });
      expect(client.status).toBe(204);
      expect(client.headers["cache-control"]).toBe("no-store");
      expect(await client.text()).toBe("");
    }
    expect(asked).toBe(0);
  });

  it("C3: a stream that was read to its end is not read again", async () => {
    const app = await serve(Resuming);
    await using client = await testSse(app, "/number", { lastEventId: "42" });
    const events = await client.rest();
    expect(events.at(-1)).toMatchObject({ event: "sluice.end", id: "8#end" });
    expect(client.isComplete).toBe(true);
    await client.reconnect();
    expect(client.status).toBe(204);
  });

  it("C3: is taken off where completion is not marked", async () => {
    const app = await serve(Resuming);
    await using marked = await testSse(app, "/endless", { lastEventId: "7#end" });
    expect((await marked.next()).data).toBe("7");
    await using bare = await testSse(app, "/endless", { lastEventId: "#end" });
    expect((await bare.next()).data).toBe("none");
    expect(await bare.text()).not.toContain("sluice.end");
  });

  it('C3: the plugin\'s onComplete "reconnect" is for all routes', async () => {
    const app = await serve(Resuming, { onComplete: "reconnect" });
    await using client = await testSse(app, "/feed", { lastEventId: "7#end" });
    expect((await client.next()).json).toMatchObject({ last: "7", header: "7" });
  });
});
