import {
  Body,
  type Context,
  Controller,
  createParamDecorator,
  Ctx,
  Headers,
  Ip,
  Param,
  Query,
  Reply,
  Req,
  Signal,
  Sse,
  UseGuards,
} from "@sluice/core";
import { testSse } from "@sluice/testing";
import type { FastifyReply, FastifyRequest } from "fastify";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { makeApp, serve } from "../test/app.js";

const Tenant = createParamDecorator((_data: undefined, ctx) => ctx.headers["x-tenant"]);

@Controller("jobs")
class Jobs {
  @Sse("progress/:jobId") *progress(
    @Param("jobId") jobId: string,
    @Query("userId") userId: string,
    @Query("page") page: number,
    @Query("live") live: boolean,
    @Headers("X-Trace") trace: string,
  ) {
    yield { data: { jobId, userId, page, live, trace } };
  }

  @Sse("context") *context(
    @Req() request: FastifyRequest,
    @Reply() reply: FastifyReply,
    @Ip() ip: string,
    @Signal() signal: AbortSignal,
    @Ctx() ctx: Context,
    @Tenant() tenant: string,
  ) {
    const { request: sameRequest, reply: sameReply } = ctx;
    yield {
      data: {
        url: request.url,
        same: request === sameRequest && reply === sameReply,
        ip,
        aborted: signal.aborted,
        route: [ctx.route.name, ctx.route.verb, ctx.route.path],
        tenant,
      },
    };
  }

  @Sse("user")
  @UseGuards(async (ctx) => {
    (ctx.request as { user?: string }).user = "ann";
    return true;
  })
  *user(@Req() request: FastifyRequest & { user?: string }) {
    yield request.user ?? "nobody";
  }

  @Sse("checked", { method: "POST" }) *checked(
    @Body(z.object({ prompt: z.string().min(1), n: z.number().default(3) }))
    body: { prompt: string; n: number },
    @Query("limit", z.coerce.number().max(10).optional()) limit?: number,
  ) {
    yield { data: { ...body, limit } };
  }
}

describe("parameters", () => {
  it("take and convert what the request says, decoded", async () => {
    const path = "/jobs/progress/a%20b%2Fc?userId=u%C3%A9&page=2&live=true";
    await using client = await testSse(await serve(Jobs), path, { headers: { "x-trace": "t" } });
    expect((await client.next()).json).toEqual({
      jobId: "a b/c",
      userId: "ué",
      page: 2,
      live: true,
      trace: "t",
    });
  });

  it("two clients get streams of their own", async () => {
    const app = await serve(Jobs);
    await using a = await testSse(app, "/jobs/progress/1?userId=a");
    await using b = await testSse(app, "/jobs/progress/2?userId=b");
    expect((await b.next()).json).toMatchObject({ jobId: "2", userId: "b" });
    expect((await a.next()).json).toMatchObject({ jobId: "1", userId: "a" });
  });

  it("are the request, the reply, the address, the signal, the context, and custom ones", async () => {
    await using client = await testSse(await serve(Jobs), "/jobs/context", {
      headers: { "x-tenant": "acme" },
    });
    expect((await client.next()).json).toEqual({
      url: "/jobs/context",
      same: true,
      ip: "127.0.0.1",
      aborted: false,
      route: ["Jobs.context", "GET", "/jobs/context"],
      tenant: "acme",
    });
  });

  it("ctx.route.path is the whole path, with the prefix", async () => {
    for (const prefix of ["/api/v1", "/api/v1/"]) {
      const app = await serve(Jobs, { prefix });
      await using client = await testSse(app, "/api/v1/jobs/context");
      expect((await client.next()).json).toMatchObject({
        route: ["Jobs.context", "GET", "/api/v1/jobs/context"],
      });
    }
  });

  it("the address is the forwarded one where Fastify trusts the proxy", async () => {
    const app = await serve(Jobs, {}, makeApp({ trustProxy: true }));
    await using client = await testSse(app, "/jobs/context", {
      headers: { "x-forwarded-for": "203.0.113.9" },
    });
    expect((await client.next()).json).toMatchObject({ ip: "203.0.113.9" });
  });

  it("a guard's user is the handler's", async () => {
    await using client = await testSse(await serve(Jobs), "/jobs/user");
    expect((await client.next()).data).toBe("ann");
  });

  it("a schema checks and changes the value, and a 400 names the field", async () => {
    const app = await serve(Jobs);
    await using right = await testSse(app, "/jobs/checked?limit=5", { body: { prompt: "p" } });
    expect((await right.next()).json).toEqual({ prompt: "p", n: 3, limit: 5 });
    await using wrong = await testSse(app, "/jobs/checked", { body: { prompt: "" } });
    expect(wrong.status).toBe(400);
    expect(JSON.parse(await wrong.text())).toMatchObject({
      code: "ERR_VALIDATION",
      message: expect.stringContaining("body.prompt") as string,
    });
    await using far = await testSse(app, "/jobs/checked?limit=11", { body: { prompt: "p" } });
    expect(await far.text()).toContain("query.limit");
  });
});
