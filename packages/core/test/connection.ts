import type { ClosableConnection } from "../src/connections/connections.js";

let ids = 0;

/** A connection, and what was done to it. */
export interface FakeConnection extends ClosableConnection {
  principal: string | undefined;
  tags: Map<string, string>;
  isOpen: boolean;
  since: Date;
  readonly ends: { readonly reason: string; readonly farewell: string }[];
  /** The reason for which it may not open after all. */
  doubted(): string | undefined;
}

/** A connection of a route; open, unless it is said otherwise. */
export function fakeConnection({
  route = "Rooms.join",
  tags = {},
  ...rest
}: Partial<Pick<FakeConnection, "principal" | "isOpen" | "since" | "issuedAt">> & {
  readonly route?: string;
  readonly tags?: Readonly<Record<string, string>>;
} = {}): FakeConnection {
  const ends: FakeConnection["ends"] = [];
  const doubts: (() => string | undefined)[] = [];
  return {
    id: ++ids,
    route: { name: route } as FakeConnection["route"],
    ip: "127.0.0.1",
    since: new Date(),
    principal: undefined,
    tags: new Map(Object.entries(tags)),
    expiresAt: undefined,
    issuedAt: undefined,
    isOpen: true,
    ...rest,
    ends,
    doubted: () => doubts.map((doubt) => doubt()).find((reason) => reason !== undefined),
    tag(key, value) {
      this.tags.set(key, value);
    },
    end: (reason, farewell) => void ends.push({ reason, farewell }),
    doubt: (matches, reason) => void doubts.push(() => (matches() ? reason : undefined)),
  };
}
