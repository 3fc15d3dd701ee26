import "reflect-metadata";
import { once } from "node:events";
import { Controller, HttpError, Sse } from "@sluice/core";
import { testSse } from "@sluice/testing";
import { describe, expect, it } from "vitest";
import { keepLog, makeApp, serve } from "../test/app.js";

@Controller("faults")
class FaultsController {
  @Sse("before")
  // oxlint-disable-next-line require-yield -- it throws before its first event
  async *before(): AsyncGenerator<string> {
    throw Object.assign(new Error("secret"), { code: "E_SECRET" });
  }

  @Sse("later")
  async *later() {
    yield "hello";
    throw new Error("secret");
  }

  @Sse("final")
  async *final() {
    yield "hello";
    throw new HttpError(410);
  }
}

const withoutLogger = () => serve(FaultsController, {}, makeApp({ logger: false }));

describe("a fault inside", () => {
  it.each(["before", "later"])(
    "C4: is a warning of the process, with its stack, where the application has no logger (%s)",
    async (path) => {
      const warned = once(process, "warning");
      await using client = await testSse(await withoutLogger(), `/faults/${path}`);
      expect(await client.text()).not.toContain("secret");
      const [warning] = (await warned) as [Error & { detail: string }];
      expect(warning).toMatchObject({
        name: "SluiceWarning",
        message: `FaultsController.${path} failed: secret`,
        detail: expect.stringMatching(/^Error: secret\n[^]*fault-log\.test[^]*logger: true/),
      });
    },
  );

  it("O1: is logged before the head with its handler and its code, of which the client gets neither", async () => {
    const { logger, entries } = keepLog();
    const app = await serve(FaultsController, {}, makeApp({ logger }));
    await using client = await testSse(app, "/faults/before");
    expect(JSON.parse(await client.text())).toEqual({
      statusCode: 500,
      error: "Internal Server Error",
      message: "Internal Server Error",
    });
    const logged = entries.find(({ level }) => level === 50);
    expect(logged).toMatchObject({
      err: { route: "FaultsController.before", fault: "E_SECRET" },
    });
    expect(JSON.stringify(logged)).toMatch(/caused by: Error: secret/);
  });

  it("is no fault where the handler answers a client with an HttpError", async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): void => void warnings.push(name);
    process.on("warning", note);
    await using client = await testSse(await withoutLogger(), "/faults/final");
    await client.rest();
    await new Promise(setImmediate);
    process.off("warning", note);
    expect(warnings).not.toContain("SluiceWarning");
  });
});
