import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Entry } from "./broker.js";
import type { FeedPage } from "./feed.js";
import { PageCache } from "./page-cache.js";

const entry = (id: string): Entry => ({ id, kind: "json", text: `data: ${id}\n\n` });
const page = (...ids: string[]): FeedPage => ({ entries: ids.map(entry), next: ids.at(-1) ?? "0" });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("pages of history that many clients ask for at once", () => {
  it("H1: are read once, and encoded once", () => {
    const cache = new PageCache();
    const read = vi.fn(() => page("1", "2"));
    const pages = Array.from({ length: 1_000 }, () => cache.get("a", read));
    expect(read).toHaveBeenCalledTimes(1);
    expect(new Set(pages).size).toBe(1);
    expect(pages[0]).toMatchObject({ next: "2", batch: { lastId: "2", size: 2 } });
  });

  it("are read once from a broker that takes its time, too", async () => {
    const cache = new PageCache();
    const read = vi.fn(async () => page("1"));
    const pages = await Promise.all([cache.get("a", read), cache.get("a", read)]);
    expect(read).toHaveBeenCalledTimes(1);
    expect(pages[0]).toBe(pages[1]);
    expect(cache.get("a", read)).toBe(pages[0]);
  });

  it("are kept apart by feed and cursor", () => {
    const cache = new PageCache();
    void cache.get("a", () => page("1"));
    expect(cache.get("b", () => page("2"))).toMatchObject({ next: "2" });
  });

  it("are forgotten a second later, and no timer is left", () => {
    const cache = new PageCache();
    void cache.get("a", () => page("1"));
    vi.advanceTimersByTime(1_000);
    expect(cache.get("a", () => page("1", "2"))).toMatchObject({ next: "2" });
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are few: the one that was read first makes room", () => {
    const cache = new PageCache();
    const read = vi.fn(() => page("1"));
    for (let n = 0; n <= 64; n++) void cache.get(`${n}`, read);
    void cache.get("64", read);
    expect(read).toHaveBeenCalledTimes(65);
    void cache.get("0", read);
    expect(read).toHaveBeenCalledTimes(66);
  });
});

describe("what may be different the next time", () => {
  it("is not kept: an empty page, which would never come to an end", () => {
    const cache = new PageCache();
    void cache.get("a", () => page());
    expect(cache.get("a", () => page("1"))).toMatchObject({ next: "1" });
  });

  it("H3: is not kept: a gap", () => {
    const cache = new PageCache();
    const gap = { channels: ["a"], reason: "unknown", position: "7" } as const;
    expect(cache.get("a", () => ({ gap }))).toEqual({
      gap,
      batch: undefined,
      next: "7",
      begins: false,
    });
    expect(cache.get("a", () => page("1"))).toMatchObject({ next: "1" });
  });

  it("is not kept: a failure, which all who wait for it are told", async () => {
    const cache = new PageCache();
    const fail = vi.fn(() => Promise.reject<FeedPage>(new Error("away")));
    const pages = [cache.get("a", fail), cache.get("a", fail)];
    const outcomes = await Promise.allSettled(pages);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(fail).toHaveBeenCalledTimes(1);
    expect(cache.get("a", () => page("1"))).toMatchObject({ next: "1" });
  });

  it("does not come back: a page that was being read when all was cleared", async () => {
    const cache = new PageCache();
    const reading = cache.get("a", async () => page("1"));
    cache.clear();
    await reading;
    expect(cache.get("a", () => page("1", "2"))).toMatchObject({ next: "2" });
  });
});
