import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeConnection } from "../../test/connection.js";
import { Connections } from "./connections.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function connectionsOf(...live: ReturnType<typeof fakeConnection>[]): Connections {
  const connections = new Connections();
  for (const connection of live) connections.add(connection);
  return connections;
}

describe("revoke, in one process", () => {
  it("ends those that are meant, with the reason and the time to come back, and no others", async () => {
    const [ann, again, bob] = ["ann", "ann", "bob"].map((principal) =>
      fakeConnection({ principal }),
    );
    const connections = connectionsOf(ann!, again!, bob!);
    const revoked = connections.revoke({ principal: "ann" }, { retry: "7s", reason: "expired" });
    const end = { reason: "expired", farewell: "retry: 7000\n" };
    // Before anything else can happen.
    expect([ann!.ends, again!.ends, bob!.ends]).toEqual([[end], [end], []]);
    expect(await revoked).toEqual({ local: 2 });
  });

  it("refuses who comes while it lasts, and nobody else", async () => {
    const connections = new Connections();
    await connections.revoke({ tags: { user: "ann" } }, { for: "10s" });
    const ann = fakeConnection({ tags: { user: "ann" } });
    expect(connections.refuses(ann)).toBe("revoked");
    expect(connections.refuses(fakeConnection({ tags: { user: "bob" } }))).toBeUndefined();
    vi.advanceTimersByTime(9_999);
    expect(connections.refuses(ann)).toBe("revoked");
    vi.advanceTimersByTime(1);
    expect(connections.refuses(ann)).toBeUndefined();
  });

  it("lasts a minute where nothing is said", async () => {
    const connections = new Connections();
    await connections.revoke({ route: "Rooms.join" });
    vi.advanceTimersByTime(59_999);
    expect(connections.refuses(fakeConnection())).toBe("revoked");
    vi.advanceTimersByTime(1);
    expect(connections.refuses(fakeConnection())).toBeUndefined();
  });

  it("does not meet who was permitted later, and meets who was permitted in the same millisecond", async () => {
    const connections = new Connections();
    const before = new Date();
    await connections.revoke({ principal: "ann" });
    const issued = (issuedAt: Date) =>
      connections.refuses(fakeConnection({ principal: "ann", issuedAt }));
    expect(issued(new Date(before.getTime() - 1))).toBe("revoked");
    expect(issued(before)).toBe("revoked");
    expect(issued(new Date(before.getTime() + 1))).toBeUndefined();
  });

  it("ends no stream that was permitted later", async () => {
    const later = fakeConnection({ principal: "ann", issuedAt: new Date(Date.now() + 1) });
    const earlier = fakeConnection({ principal: "ann", issuedAt: new Date(Date.now() - 1) });
    expect(await connectionsOf(later, earlier).revoke({ principal: "ann" })).toEqual({ local: 1 });
    expect([later.ends, earlier.ends.length]).toEqual([[], 1]);
  });

  it("with `for: 0` ends streams, refuses those about to open that had come, and nobody who comes", async () => {
    const open = fakeConnection({ principal: "ann" });
    const opening = fakeConnection({ isOpen: false });
    const connections = connectionsOf(open, opening);
    expect(await connections.revoke({ principal: "ann" }, { for: 0 })).toEqual({ local: 1 });
    expect(opening.doubted()).toBeUndefined();
    opening.principal = "ann";
    expect(opening.doubted()).toBe("revoked");
    vi.advanceTimersByTime(1);
    expect(connections.refuses(fakeConnection({ principal: "ann" }))).toBeUndefined();
  });

  it("asks one that is about to open again when its guards are done: they may say that it was permitted later", async () => {
    const opening = fakeConnection({ isOpen: false });
    const other = fakeConnection({ isOpen: false });
    const connections = connectionsOf(opening, other);
    expect(await connections.revoke({ route: "Rooms.join" })).toEqual({ local: 0 });
    opening.issuedAt = new Date(Date.now() + 1);
    expect([opening.doubted(), other.doubted()]).toEqual([undefined, "revoked"]);
    expect([opening.ends, other.ends]).toEqual([[], []]);
  });

  it("refuses the one too many, but ends its streams", async () => {
    const connections = new Connections();
    for (let n = 0; n < 10_000; n++) await connections.revoke({ principal: `user ${n}` });
    const ann = fakeConnection({ principal: "ann" });
    connections.add(ann);
    await expect(connections.revoke({ principal: "ann" })).rejects.toMatchObject({
      code: "ERR_NOT_STORED",
    });
    expect(ann.ends).toHaveLength(1);
    expect(connections.refuses(ann)).toBeUndefined();
    expect(connections.refuses(fakeConnection({ principal: "user 0" }))).toBe("revoked");
    // Those that are over make room.
    vi.advanceTimersByTime(60_000);
    await connections.revoke({ principal: "ann" });
    expect(connections.refuses(ann)).toBe("revoked");
    expect(connections.refuses(fakeConnection({ principal: "user 0" }))).toBeUndefined();
  });

  it.each([
    ["an empty selector", {}, {}, "ERR_OPTION"],
    ["a reason of its own", { principal: "ann" }, { reason: "kicked" }, "ERR_OPTION"],
    ["a time that is none", { principal: "ann" }, { for: "soon" }, "ERR_DURATION"],
    ["a retry that is none", { principal: "ann" }, { retry: -1 }, "ERR_DURATION"],
  ])("does nothing for %s", async (_, selector, options, code) => {
    const ann = fakeConnection({ principal: "ann" });
    const connections = connectionsOf(ann);
    await expect(connections.revoke(selector, options as never)).rejects.toMatchObject({ code });
    expect([ann.ends, connections.refuses(ann)]).toEqual([[], undefined]);
  });

  it("needs nothing to be waited for at admission", () => {
    expect(new Connections().sync()).toBeUndefined();
  });
});
