import "reflect-metadata";
import { setImmediate as turn } from "node:timers/promises";
import {
  Body,
  Connections,
  Controller,
  Ctx,
  Headers,
  Inject,
  Injectable,
  LastEventId,
  Param,
  Query,
  REQUEST_CONTEXT,
  Signal,
  Sse,
  UseGuards,
  UseInterceptors,
  mapEvents,
  type Context,
  type Guard,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import { expect, it } from "vitest";
import { serve } from "../../packages/fastify/test/app.js";

/** How many requests are under way at once. */
const USERS = 200;

/** Made for each request; it knows whom for. */
@Injectable({ scope: "request" })
class Session {
  readonly user: unknown;
  seen = 0;

  constructor(@Inject(REQUEST_CONTEXT) ctx: Context) {
    this.user = ctx.headers["x-user"];
  }
}

/** Keeps what it was asked about, as one that is shared must not. */
@Injectable({ scope: "request" })
class TagsUser implements Guard {
  constructor(readonly session: Session) {}

  async canActivate(ctx: Context): Promise<boolean> {
    this.session.seen++;
    for (let n = Math.floor(Math.random() * 5); n > 0; n--) await turn();
    ctx.connection.tag("user", String(ctx.headers["x-user"]));
    return this.session.user === ctx.headers["x-user"];
  }
}

@Controller("mine")
@UseGuards(TagsUser)
class MineController {
  constructor(readonly session: Session) {}

  @Sse(":user", { method: "POST" })
  @UseInterceptors(async (ctx, next) =>
    mapEvents(await next(), (event) => ({ ...event, event: String(ctx.headers["x-user"]) })),
  )
  async *mine(
    @Param("user") param: string,
    @Query("user") query: string,
    @Headers("x-user") header: string,
    @Body("user") body: string,
    @LastEventId() last: string,
    @Ctx() ctx: Context,
    @Signal() signal: AbortSignal,
  ) {
    for (let n = 0; n < 5; n++) {
      for (let waits = Math.floor(Math.random() * 5); waits > 0; waits--) await turn();
      const { principal, tags } = ctx.connection;
      const users = [param, query, header, body, last, principal, tags.get("user")];
      yield {
        id: `${param}-${n}`,
        data: [...users, this.session.user, signal === ctx.signal, this.session.seen],
      };
    }
  }
}

it("security 11: of 200 requests at once each gets its own events, arguments, tags and objects", async () => {
  const connections = new Connections();
  const app = await serve(MineController, {
    providers: [{ provide: Connections, useValue: connections }],
    principal: async (request) => {
      await turn();
      return String(request.headers["x-user"]);
    },
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  await Promise.all(
    Array.from({ length: USERS }, async (_, n) => {
      const user = `user-${n}`;
      await using client = await testSse(app, `/mine/${user}?user=${user}`, {
        headers: { "x-user": user },
        body: { user },
        lastEventId: user,
        timeout: 15_000,
      });
      const events = await client.rest();
      expect(events.map(({ id }) => id)).toEqual([
        ...Array.from({ length: 5 }, (_, at) => `${user}-${at}`),
        `${user}-4#end`,
      ]);
      for (const { event, json } of events.slice(0, 5)) {
        expect(event).toBe(user);
        expect(json).toEqual([...Array<string>(8).fill(user), true, 1]);
      }
      for (const other of client.raw.matchAll(/user-\d+/g)) expect(other[0]).toBe(user);
    }),
  );
  expect(connections.count()).toBe(0);
});
