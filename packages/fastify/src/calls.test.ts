import {
  Body,
  type Context,
  Controller,
  Ctx,
  Delete,
  Get,
  HttpError,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Reply,
  Signal,
  Sse,
  UseGuards,
} from "@sluice/core";
import type { FastifyReply } from "fastify";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { keepLog, makeApp, portOf, serve } from "../test/app.js";
import { signal } from "../test/signal.js";

@Controller("rooms")
class Rooms {
  @Get(":room") read(@Param("room") room: string, @Query("n") n?: number) {
    return { room, n };
  }
  @Post(":room", { statusCode: 201 }) write(@Param("room") room: string, @Body() body: object) {
    return { room, body };
  }
  @Put(":room") async replace(@Body("name") name: string) {
    return `replaced by ${name}`;
  }
  @Patch(":room") patch() {}
  @Delete(":room", { statusCode: 202 }) async delete() {}
  @Post("accepted/it") accepted(@Reply() reply: FastifyReply) {
    reply.code(202);
  }
  @Post("own/status", { statusCode: 201 }) ownStatus(@Ctx() ctx: Context) {
    ctx.reply.code(409);
    return { conflict: true };
  }
  @Post("send/sync") send(@Reply() reply: FastifyReply) {
    void reply.code(203).header("x-own", "1").send({ sent: true });
  }
  @Post("send/returned") async returned(@Reply() reply: FastifyReply) {
    return reply.send({ sent: true });
  }
  @Post("send/later") later(@Reply() reply: FastifyReply) {
    setImmediate(() => void reply.send({ sent: "later" }));
    return reply;
  }
  @Post("denied/it") @UseGuards(() => false) denied() {
    return 1;
  }
  @Post("missing/it", { statusCode: 201 }) missing() {
    throw new HttpError(404, "No such room.");
  }
  @Sse("stream/:room") *stream() {
    yield 1;
  }
}

type Verb = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

async function call(method: Verb, url: string, payload?: object, app?: ReturnType<typeof makeApp>) {
  const answer = await (
    await serve(Rooms, {}, app)
  ).inject({
    method,
    url,
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.payload, headers: answer.headers };
}

describe("calls", () => {
  it("take parameters, and answer with what the method returns", async () => {
    expect(await call("GET", "/rooms/a%20b?n=3")).toMatchObject({
      status: 200,
      body: '{"room":"a b","n":3}',
    });
    expect(await call("PUT", "/rooms/a", { name: "Ann" })).toMatchObject({
      status: 200,
      body: "replaced by Ann",
    });
  });

  it("answer with the status of the route", async () => {
    expect(await call("POST", "/rooms/a", { x: 1 })).toMatchObject({
      status: 201,
      body: '{"room":"a","body":{"x":1}}',
    });
    expect(await call("DELETE", "/rooms/a")).toMatchObject({ status: 202, body: "" });
  });

  it("answer 204 when nothing is returned and no status was set", async () => {
    expect(await call("PATCH", "/rooms/a")).toMatchObject({ status: 204, body: "" });
    expect(await call("POST", "/rooms/accepted/it")).toMatchObject({ status: 202, body: "" });
  });

  it("leave a status that the handler has set", async () => {
    expect((await call("POST", "/rooms/own/status")).status).toBe(409);
  });

  for (const hook of ["no", "an async onSend"]) {
    it(`may be answered by the handler itself, with ${hook} hook`, async () => {
      for (const [path, status, body] of [
        ["sync", 203, '{"sent":true}'],
        ["returned", 200, '{"sent":true}'],
        ["later", 200, '{"sent":"later"}'],
      ] as const) {
        const { logger, entries } = keepLog();
        const app = makeApp({ logger });
        let runs = 0;
        if (hook !== "no") {
          app.addHook("onSend", async () => {
            runs++;
            await new Promise((resolve) => setImmediate(resolve));
          });
        }
        const answer = await call("POST", `/rooms/send/${path}`, undefined, app);
        expect({ path, status: answer.status, body: answer.body }).toEqual({ path, status, body });
        if (path === "sync") expect(answer.headers["x-own"]).toBe("1");
        expect(runs).toBe(hook === "no" ? 0 : 1);
        expect(entries.filter(({ level }) => level > 30)).toEqual([]);
      }
    });
  }

  it("go through guards, and tell errors as streams do", async () => {
    expect((await call("POST", "/rooms/denied/it")).status).toBe(403);
    expect(await call("POST", "/rooms/missing/it")).toMatchObject({
      status: 404,
      body: expect.stringContaining("No such room.") as string,
    });
    expect((await call("GET", "/rooms/a?n=x")).status).toBe(400);
  });

  it("abort their signal when the client leaves", async () => {
    const started = signal();
    const aborted = signal();
    @Controller()
    class Slow {
      @Get("slow") async slow(@Signal() gone: AbortSignal) {
        gone.addEventListener("abort", () => aborted.tell());
        started.tell();
        await aborted.told;
      }
    }
    const socket = connect(await portOf(await serve(Slow)), "127.0.0.1");
    socket.write("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await started.told;
    socket.destroy();
    await expect(aborted.told).resolves.toBeUndefined();
  });
});

it("knows for whom a call is, when the guards have let it in", async () => {
  @Controller("mine")
  class MineController {
    @Get() mine(@Ctx() ctx: Context) {
      return { principal: ctx.principal, connection: ctx.connection.principal };
    }
    @Post() @UseGuards((ctx: Context) => ctx.principal !== undefined) early() {
      return "in";
    }
  }
  const app = await serve(MineController, {
    principal: async ({ headers }) => headers["x-user"] as string | undefined,
  });
  const headers = { "x-user": "ann" };
  const named = await app.inject({ url: "/mine", headers });
  expect(named.json()).toEqual({ principal: "ann", connection: "ann" });
  expect((await app.inject("/mine")).json()).toEqual({});
  expect((await app.inject({ method: "POST", url: "/mine", headers })).statusCode).toBe(403);
});

it("answers 500 and conceals why, where it can't be said for whom a call is", async () => {
  @Controller("mine")
  class MineController {
    @Get() mine() {
      return "called";
    }
  }
  const principal = (): string => {
    throw new Error("secret");
  };
  const answer = await (await serve(MineController, { principal })).inject("/mine");
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain("secret");
});
