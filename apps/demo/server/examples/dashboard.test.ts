import { Channels } from "@sluice/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Neighbours } from "../nodes/neighbours.js";
import { ChannelsApp } from "../../test/serve-channels.js";
import { DashboardController } from "./dashboard.controller.js";
import { Vitals } from "./vitals.js";

let served: ChannelsApp;
beforeEach(async () => {
  served = await ChannelsApp.start();
});
afterEach(async () => {
  await served.stop();
});

describe("the dashboard", () => {
  test("who comes gets a snapshot at once, and then the same readings as everyone", async () => {
    const first = await served.open("/dashboard");
    const number = expect.any(Number) as number;
    const [snapshot, reading] = await first.take(2);
    for (const event of [snapshot, reading]) {
      expect(event).toMatchObject({ event: "reading", id: expect.any(String) as string });
      expect(event!.json).toEqual({
        at: number,
        delay: number,
        heap: number,
        connections: number,
        rate: number,
      });
    }
    const second = await served.open("/dashboard");
    await second.next();
    const shared = await second.next();
    for await (const event of first) {
      if (event.id !== shared.id) continue;
      expect(event).toEqual(shared);
      expect((event.json as { connections: number }).connections).toBe(2);
      break;
    }
  });

  test("who comes back gets the readings that were taken meanwhile", async () => {
    const client = await served.open("/dashboard");
    const count = ({ id }: { id?: string | undefined }) => Number(id!.split(".").at(-1));
    const seen = await client.take(2);
    await client.disconnect();
    await expect.poll(() => served.traffic.published).toBeGreaterThan(3);
    await client.reconnect();
    const [next] = await client.take(1);
    expect(count(next!)).toBe(count(seen[1]!) + 1);
  });

  test("it is disposed of with the application", async () => {
    const dispose = vi.spyOn(DashboardController.prototype, "dispose");
    await served.open("/dashboard");
    await served.stop();
    expect(dispose).toHaveBeenCalledOnce();
    dispose.mockRestore();
  });

  describe("its timer", () => {
    let channels: Channels;
    let vitals: Vitals;
    let dashboard: DashboardController;
    beforeEach(() => {
      vi.useFakeTimers();
      channels = new Channels({ broker: served.traffic });
      vitals = new Vitals(served.traffic, new Neighbours());
      dashboard = new DashboardController(channels, vitals, new Neighbours());
    });
    afterEach(async () => {
      vi.useRealTimers();
      dashboard.dispose();
      vitals.dispose();
      await channels.dispose();
    });

    test("stops when nobody has listened for a while, and starts again", async () => {
      dashboard.watch();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(served.traffic.published).toBe(60);
      dashboard.watch();
      await vi.advanceTimersByTimeAsync(1000);
      expect(served.traffic.published).toBe(64);
    });

    test("is one for everyone, and stops when the dashboard is disposed of", async () => {
      dashboard.watch();
      dashboard.watch();
      await vi.advanceTimersByTimeAsync(1000);
      expect(served.traffic.published).toBe(4);
      dashboard.dispose();
      await vi.advanceTimersByTimeAsync(1000);
      expect(served.traffic.published).toBe(4);
    });
  });
});
