import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { Agenda } from "../../scripts/scaling/agenda.mjs";
import { repair } from "../../scripts/scaling/repair.mjs";
import { Link, Server } from "../../scripts/scaling/servers.mjs";
import { simulate, type Storm } from "../../scripts/scaling/simulate.mjs";

const calm: Storm = { clients: 200, nodes: 2, shards: 2, window: 1_000, resume: 100 };

const storms = record({
  clients: integer({ min: 1, max: 200 }),
  nodes: integer({ min: 1, max: 5 }),
  shards: integer({ min: 1, max: 3 }),
  window: constantFrom(undefined, 100, 1_000, 20_000),
  jitter: constantFrom("full" as const, "none" as const),
  down: constantFrom(0, 5_000),
  resume: integer({ min: 0, max: 5_000 }),
  read: constantFrom(0, 50, 20_000),
  pages: integer({ min: 1, max: 3 }),
  take: constantFrom(0, 700),
  nodeLoad: constantFrom(0, 0.5),
  refuse: constantFrom(0, 300),
  timeout: constantFrom(200, 2_000),
  seed: integer(),
});

describe("a storm", () => {
  test("brings no client back twice, and counts each attempt under one name", () => {
    assert(
      property(storms, (storm) => {
        const outcome = simulate({ ...storm, horizon: 60_000 });
        const { resumed, isOver, attempts, unanswered, refused, lost, underWay, peak } = outcome;
        expect(attempts).toBe(resumed + unanswered + refused + lost + underWay);
        expect(resumed).toBeLessThanOrEqual(storm.clients);
        expect(isOver).toBe(resumed === storm.clients);
        expect(peak).toBeLessThanOrEqual(storm.clients);
      }),
      { numRuns: 200 },
    );
  });

  test("brings every client back once where Redis answers in time, be it late", () => {
    assert(
      property(storms, (storm) => {
        const outcome = simulate({ ...storm, timeout: Infinity, horizon: Infinity });
        expect(outcome).toMatchObject({
          resumed: storm.clients,
          isOver: true,
          lost: 0,
          underWay: 0,
        });
        expect(outcome.attempts).toBe(storm.clients + outcome.unanswered);
      }),
      { numRuns: 200 },
    );
  });

  test("is the same for the same seed, and another for another", () => {
    expect(simulate(calm)).toEqual(simulate(calm));
    expect(simulate({ ...calm, seed: 2 })).not.toEqual(simulate(calm));
  });

  test("is over no sooner than one after the other can be served, nor than the last one asks", () => {
    const { recovered, p50, p99 } = simulate({ ...calm, nodes: 1, resume: 50_000 });
    expect(recovered).toBeGreaterThanOrEqual(200 * 50);
    expect(p50).toBeLessThanOrEqual(p99);
    expect(p99).toBeLessThanOrEqual(recovered);
    expect(simulate({ ...calm, window: 60_000 }).p50).toBeGreaterThan(60_000);
  });

  test("never has more who wait at one process when they come spread over more time", () => {
    assert(
      property(integer(), integer({ min: 0, max: 10_000 }), (seed, resume) => {
        const peaks = [0, 100, 1_000, 5_000, 20_000].map((firstWithin) => {
          const storm = { ...calm, nodes: 1, shards: 1, seed, resume, firstWithin };
          return simulate(storm).peak;
        });
        expect(peaks).toEqual(peaks.toSorted((a, b) => b - a));
      }),
      { numRuns: 50 },
    );
  });

  test("takes longer where a resume costs more", () => {
    assert(
      property(integer(), (seed) => {
        const ends = [0, 100, 1_000, 10_000].map(
          (resume) => simulate({ ...calm, nodes: 1, seed, resume }).recovered,
        );
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  test("of a tenth of everything takes as long as the whole", () => {
    const whole = { ...calm, clients: 5_000, nodes: 1, shards: 1, resume: 1_000, read: 400 };
    const [all, tenth] = [simulate(whole), simulate({ ...whole, clients: 500, part: 0.1 })];
    expect(tenth.recovered / all.recovered).toBeCloseTo(1, 1);
    expect(tenth.p50 / all.p50).toBeCloseTo(1, 1);
    expect((10 * tenth.peak) / all.peak).toBeCloseTo(1, 1);
  });

  test("keeps out those for whom a limit has no room, and tells them to come later", () => {
    const full = simulate({ ...calm, room: 60, refuse: 10, horizon: 60_000 });
    expect(full).toMatchObject({ resumed: 120, isOver: false, lost: 0 });
    expect(full.refused).toBeGreaterThan(80);
    const later = { ...calm, room: 100, refuse: 10, horizon: Infinity };
    const { resumed, refused, recovered } = simulate(later);
    expect(resumed).toBe(200);
    expect(refused).toBeGreaterThan(0);
    expect(recovered).toBeGreaterThan(5_000);
  });

  test("finds nobody before the processes are back", () => {
    const { unanswered, recovered, p50 } = simulate({ ...calm, down: 10_000 });
    expect(unanswered).toBeGreaterThanOrEqual(200);
    expect(p50).toBeGreaterThan(10_000);
    expect(recovered).toBeLessThan(60_000);
  });

  test("brings clients back together that don't spread", () => {
    const together = simulate({ ...calm, jitter: "none" });
    expect(together.peak).toBe(200);
    expect(together.recovered).toBeGreaterThan(1_000);
    expect(together.recovered).toBeLessThan(1_100);
  });
});

describe("a link to Redis", () => {
  const asked = (timeout: number, readAtOnce: number) => {
    const agenda = new Agenda();
    const [server, core] = [new Server(agenda), new Server(agenda)];
    const link = new Link(agenda, server, core, timeout, readAtOnce);
    const [done, lost]: [number[], number[]] = [[], []];
    for (let n = 0; n < 5; n++) {
      link.ask(
        10,
        1,
        () => done.push(n),
        () => lost.push(n),
      );
    }
    agenda.run(1_000);
    return { done, lost, worked: server.worked };
  };

  test("answers in the order of asking", () => {
    expect(asked(100, 64)).toEqual({ done: [0, 1, 2, 3, 4], lost: [], worked: 50 });
  });

  test("loses all that is under way with one that had no answer, of which some is done for nobody", () => {
    expect(asked(25, 1)).toEqual({ done: [0, 1], lost: [2, 3, 4], worked: 30 });
    expect(asked(25, 64)).toEqual({ done: [0, 1], lost: [2, 3, 4], worked: 50 });
  });
});

test("what is due at one time happens in the order in which it was put down", () => {
  assert(
    property(array(integer({ min: 0, max: 20 })), (times) => {
      const agenda = new Agenda();
      const happened: (readonly [number, number])[] = [];
      for (const [order, at] of times.entries()) agenda.put(at, () => happened.push([at, order]));
      agenda.run(Infinity);
      const wanted = times.map((at, order) => [at, order] as const);
      expect(happened).toEqual(wanted.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
    }),
  );
});

describe("the repair after Redis was gone", () => {
  const work = { follow: 10, check: 4, read: 30, take: 5, pages: 2 };
  const easy = { ...work, channels: 2_000, within: 2_000, part: 1, processShare: 1 };

  test("brings every channel up to date once", () => {
    const outcome = repair({ ...easy, share: 1, timeout: 2_000, horizon: 60_000 });
    expect(outcome).toMatchObject({ repaired: 2_000, isOver: true, lost: 0 });
    expect(outcome.recovered).toBeLessThan(3_000);
  });

  test("also where commands get no answer in time", () => {
    const slow = { ...easy, read: 1_500, share: 0.3, timeout: 1_000 };
    const { repaired, lost } = repair({ ...slow, horizon: 3_600_000 });
    expect(repaired).toBe(2_000);
    expect(lost).toBeGreaterThan(0);
  });
});
