import type { SseTestClient } from "@sluice/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChannelsApp } from "../../test/serve-channels.js";

const ADA = { Authorization: "Bearer token" };
const GRACE = { Authorization: "Bearer guest" };

let served: ChannelsApp;
beforeEach(async () => {
  served = await ChannelsApp.start();
});
afterEach(async () => {
  await served.stop();
});

describe("the inbox", () => {
  const send = async (to: string, title: string, from = ADA) =>
    served.post(`/inbox/${to}`, { title }, from);
  const titles = async (client: SseTestClient, count: number) =>
    (await client.take(count)).map(({ json }) => (json as { title: string }).title);

  test("a user gets the own notifications and those for all, with one cursor, and no others", async () => {
    const ada = await served.open("/inbox", { headers: ADA });
    const grace = await served.open("/inbox", { headers: GRACE });
    expect((await send("Ada", "1", GRACE)).body["reached"]).toBe(1);
    await send("Grace", "2");
    expect((await send("everyone", "3")).body["reached"]).toBe(2);
    const [own, common] = await ada.take(2);
    expect(own).toMatchObject({ event: "note", json: { title: "1", from: "Grace", to: "Ada" } });
    expect(common).toMatchObject({ json: { title: "3", to: "everyone" } });
    const cursor = /^m1(~[\w-]{6}:1\.[\w-]{8}\.\d+){2}$/;
    expect(own!.id).toMatch(cursor);
    expect(common!.id).toMatch(cursor);
    expect(await titles(grace, 2)).toEqual(["2", "3"]);
  });

  test("who comes back gets what was sent in both channels meanwhile, once", async () => {
    const ada = await served.open("/inbox", { headers: ADA });
    await send("Ada", "before");
    await ada.next();
    await ada.disconnect();
    for (const [to, title] of [
      ["Ada", "own 1"],
      ["everyone", "common 1"],
      ["Ada", "own 2"],
      ["Grace", "not hers"],
      ["everyone", "common 2"],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await send(to, title);
    }
    await ada.reconnect();
    await send("Ada", "after");
    const came = await titles(ada, 5);
    expect(came.filter((title) => title.startsWith("own"))).toEqual(["own 1", "own 2"]);
    expect(came.filter((title) => title.startsWith("common"))).toEqual(["common 1", "common 2"]);
    expect(came.at(-1)).toBe("after");
  });

  test("an id that is no cursor is answered by a reset and the counts", async () => {
    await send("Ada", "1");
    const ada = await served.open("/inbox", { headers: ADA, lastEventId: "yesterday" });
    const [reset, summary] = await ada.take(2);
    expect(reset).toMatchObject({ event: "sluice.reset", json: { reason: "malformed" } });
    expect(summary).toMatchObject({
      event: "summary",
      json: { sent: { Ada: 1, Grace: 0, everyone: 0 } },
    });
  });

  test("nobody without a token listens or sends, and a recipient must be known", async () => {
    expect((await served.open("/inbox")).status).toBe(401);
    expect((await served.post("/inbox/Ada", { title: "1" })).status).toBe(401);
    expect((await send("Eve", "1")).status).toBe(400);
    expect((await send("Ada", "x".repeat(121))).status).toBe(400);
    expect(served.traffic.published).toBe(0);
  });
});
