import "reflect-metadata";
import { allow, Controller, Sse, UseGuards } from "@sluice/core";
import { expect, it } from "vitest";
import { makeApp, serve } from "../test/app.js";
import { exchange, get } from "../test/raw-connection.js";

@Controller("allowed")
class AllowedController {
  @Sse("origin")
  @UseGuards(allow({ origins: ["https://app.example", "http://localhost:5173"] }))
  *origin() {
    yield 1;
  }

  @Sse("host")
  @UseGuards(allow({ hosts: ["app.example", "localhost:3000"] }))
  *host() {
    yield 1;
  }
}

const ask = async (path: string, headers: Record<string, string>): Promise<number> => {
  const app = await serve(AllowedController, {}, makeApp());
  const { statusCode } = await app.inject({ url: `/allowed/${path}`, headers });
  return statusCode;
};

it.each([
  [{ origin: "https://app.example" }, 200],
  [{ origin: "http://localhost:5173" }, 200],
  [{}, 200],
  [{ origin: "https://evil.example" }, 403],
  [{ origin: "https://app.example.evil.example" }, 403],
  [{ origin: "http://app.example" }, 403],
  [{ origin: "null" }, 403],
  [{ "sec-fetch-site": "same-origin" }, 200],
  [{ "sec-fetch-site": "cross-site" }, 403],
])("security 16: a request with %j is answered %i", async (headers, status) => {
  expect(await ask("origin", headers as unknown as Record<string, string>)).toBe(status);
});

it.each([
  ["app.example", 200],
  ["APP.example", 200],
  ["localhost:3000", 200],
  ["localhost", 403],
  ["evil.example", 403],
])("security 16: a request for the host %s is answered %i", async (host, status) => {
  expect(await ask("host", { host })).toBe(status);
});

it("security 16: says which of the two was not allowed, and nothing of the list", async () => {
  const app = await serve(AllowedController, {}, makeApp());
  const client = await exchange(app, get("/allowed/origin", { Origin: "https://evil.example" }));
  await client.until(({ body }) => body.includes("}"));
  expect(client.body).toContain('"code":"ERR_ORIGIN"');
  expect(client.body).not.toContain("app.example");
});

it("refuses a list that could never match", () => {
  for (const origins of [
    ["app.example"],
    ["https://app.example/path"],
    ["https://app.example:443"],
    ["*"],
    [""],
  ]) {
    expect(() => allow({ origins })).toThrow(expect.objectContaining({ code: "ERR_GUARD" }));
  }
  expect(() => allow({})).toThrow(expect.objectContaining({ code: "ERR_GUARD" }));
});
