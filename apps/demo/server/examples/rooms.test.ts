import type { SseTestClient } from "@sluice/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ChannelsApp } from "../../test/serve-channels.js";

let served: ChannelsApp;
beforeEach(async () => {
  served = await ChannelsApp.start();
});
afterEach(async () => {
  await served.stop();
});

const say = async (text: string, room = "lock") =>
  served.post(`/rooms/${room}/messages`, { name: "Ada", text });

/** The next message of a room, without those who come and go. */
async function nextText(client: SseTestClient): Promise<string> {
  for await (const { event, json } of client) {
    if (event === "message") return (json as { text: string }).text;
  }
  throw new Error("The stream ended.");
}

describe("rooms", () => {
  test("a message reaches everyone in the room with one id, and says how many connections", async () => {
    const ada = await served.open("/rooms/lock?name=Ada");
    await ada.next();
    const grace = await served.open("/rooms/lock?name=Grace");
    await ada.next();
    await grace.take(2);
    const elsewhere = await served.open("/rooms/weir?name=Ada");
    await elsewhere.next();

    const before = Date.now();
    const { body } = await say("Hello");
    const [forAda, forGrace] = [await ada.next(), await grace.next()];
    expect(body).toEqual({ id: forAda.id, reached: 2 });
    expect(forGrace).toEqual(forAda);
    expect(forAda).toMatchObject({ event: "message", json: { name: "Ada", text: "Hello" } });
    expect((forAda.json as { at: number }).at).toBeGreaterThanOrEqual(before);
    await say("Only here", "weir");
    expect(await nextText(elsewhere)).toBe("Only here");
  });

  test("who comes first gets what was said, up to thirty events", async () => {
    for (let n = 1; n <= 40; n++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await say(String(n));
    }
    const late = await served.open("/rooms/lock?name=Ada");
    const events = await late.take(30);
    expect(events.map(({ json }) => (json as { text?: string }).text)).toEqual([
      ...Array.from({ length: 29 }, (_, index) => String(index + 12)),
      undefined,
    ]);
    expect(events.at(-1)).toMatchObject({ event: "came", json: { name: "Ada", here: ["Ada"] } });
  });

  test("who comes back gets what was said meanwhile, in order, nothing lost and nothing twice", async () => {
    const ada = await served.open("/rooms/lock?name=Ada");
    await say("first");
    expect(await nextText(ada)).toBe("first");
    await ada.disconnect();
    for (let n = 1; n <= 20; n++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await say(String(n));
    }
    await ada.reconnect();
    await say("last");
    for (let n = 1; n <= 20; n++) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      expect(await nextText(ada)).toBe(String(n));
    }
    expect(await nextText(ada)).toBe("last");
  });

  test.each([
    ["yesterday", "malformed"],
    ["1.00000000.7", "unknown"],
  ])(
    "%s is no place in the room: a reset says so, and the room's state follows",
    async (lastEventId, reason) => {
      await say("Hello");
      const ada = await served.open("/rooms/lock?name=Ada", { lastEventId });
      const [reset, room] = await ada.take(2);
      expect(reset).toMatchObject({
        event: "sluice.reset",
        json: { channels: ["room:lock"], reason },
      });
      expect(room).toMatchObject({
        event: "room",
        id: reset!.id,
        json: { here: ["Ada"], recent: [{ name: "Ada", text: "Hello" }] },
      });
      await say("And on");
      expect(await nextText(ada)).toBe("And on");
    },
  );

  test("a name is there as long as one of its connections is, and the others are told", async () => {
    const people = async () => (await served.app.inject("/rooms/lock/people")).json<unknown>();
    const grace = await served.open("/rooms/lock?name=Grace");
    await grace.next();
    const ada = await served.open("/rooms/lock?name=Ada");
    const again = await served.open("/rooms/lock?name=Ada");
    expect(await grace.next()).toMatchObject({ event: "came", json: { here: ["Ada", "Grace"] } });
    await expect.poll(people).toEqual({ here: ["Ada", "Grace"], listening: 3 });
    await again.disconnect();
    await expect.poll(people).toEqual({ here: ["Ada", "Grace"], listening: 2 });
    await ada.disconnect();
    expect(await grace.next()).toMatchObject({
      event: "left",
      json: { name: "Ada", here: ["Grace"] },
    });
  });

  test.each([
    [{ name: "Ada", text: " " }, "body.text"],
    [{ name: "Ada", text: "x".repeat(281) }, "body.text"],
    [{ name: "", text: "Hello" }, "body.name"],
    [{ text: "Hello" }, "body.name"],
  ])("%o is refused with 400, and nothing is published", async (message, field) => {
    const { status, body } = await served.post("/rooms/lock/messages", message);
    expect(status).toBe(400);
    expect(body["message"]).toContain(field);
    expect(served.traffic.published).toBe(0);
  });

  test("a room that is not there, and a nameless visitor, are refused with 400", async () => {
    expect((await served.open("/rooms/cellar?name=Ada")).status).toBe(400);
    expect((await served.open("/rooms/lock")).status).toBe(400);
  });
});
