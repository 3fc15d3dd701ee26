import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noRedis } from "../test/no-redis.js";
import { type Admin, connectAdmin } from "../test/redis-client.js";
import { freePort, type RedisServer, startRedis } from "../test/redis-server.js";
import { Ear, event, openBroker, until } from "../test/subject.js";
import type { RedisBrokerOptions } from "./index.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../test/fixtures/localhost-${name}.pem`, import.meta.url));

/** The rights of the README: behind a name and a password. */
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [, RIGHTS = ""] = /^ACL SETUSER sluice on >password (.*)$/m.exec(readme) ?? [];
const COMMANDS = RIGHTS.split(" ").filter((right) => right.startsWith("+"));

/**
 * Uses everything that a broker does on a server, and throws when something fails.
 *
 * @param age - makes it time to tidy up a channel's record
 */
async function useAll(
  url: string,
  options: Partial<RedisBrokerOptions> = {},
  age = async (_channel: string): Promise<void> => {},
): Promise<void> {
  await using broker = openBroker(url, { publishTimeout: 400, checkInterval: 50, ...options });
  const ear = new Ear();
  const channel = `channel-${Math.random()}`;
  await broker.publish(event(`${channel}-unfollowed`, "1"));
  const { position } = await broker.follow(channel, ear);
  const bounds = { bytes: 100 };
  for (const text of ["1", "2", "x".repeat(200)]) {
    await broker.publish(event(channel, text, bounds));
    await age(channel);
  }
  await until(() => expect(ear.texts).toHaveLength(3), 300);
  await until(() => expect(ear.positions.length).toBeGreaterThan(0), 300);
  await broker.read(channel, position, undefined, 1_000);
  await broker.rewind(channel, 1, ear.told[2]!.id);
  await broker.publish(event(`${channel}-kept`, "1"));
  await broker.rewind(`${channel}-kept`, 1, await broker.publish(event(`${channel}-kept`, "2")));
  const following = await broker.follow("other", new Ear());
  following.stop();
  const run = { attempt: "a", channel, principal: "", note: "" };
  await broker.runs.claim(channel, run, undefined, 1_000);
  await broker.runs.watch(channel, "a", 1_000);
  await broker.runs.renew(channel, "a", 1_000);
  await broker.runs.find(channel);
  await broker.runs.finish(channel, "a", { state: "done", events: 3 }, 1_000);
  // In its turn, on the same connection.
  await broker.follow("third", new Ear());
}

describe.skipIf(noRedis)("a server with a password", () => {
  let server: RedisServer;
  let admin: Admin;
  beforeAll(async () => {
    server = await startRedis();
    admin = await connectAdmin(server.url);
    await admin.ask(`ACL SETUSER sluice on >password ${RIGHTS}`);
  });
  afterAll(async () => {
    admin?.[Symbol.dispose]();
    await server?.[Symbol.asyncDispose]();
  });
  const withUser = () => server.url.replace("//", "//sluice:password@");

  const age = async (channel: string) => {
    const stale = ["b:another", "1 1-1 1 1", "tidy", "0"];
    await admin.send("HSET", `sluice:r:{${channel}}`, ...stale);
  };
  /** What the server has refused to somebody since the last time. */
  const refused = async () => {
    const log = (await admin.ask("ACL LOG")) as readonly unknown[];
    await admin.ask("ACL LOG RESET");
    return log;
  };

  it("is used with the rights that the README gives", async () => {
    expect(COMMANDS.length).toBeGreaterThan(10);
    await refused();
    await admin.ask("SCRIPT FLUSH");
    await useAll(withUser(), {}, age);
    await useAll(server.url, { client: { username: "sluice", password: "password" } });
    expect(await refused()).toEqual([]);
  });

  it("refuses the same user everything else", async () => {
    using user = await connectAdmin(withUser());
    await expect(user.ask("GET other")).rejects.toThrow(/NOPERM/);
    await expect(user.ask("SUBSCRIBE other")).rejects.toThrow(/NOPERM/);
    await expect(user.ask("KEYS *")).rejects.toThrow(/NOPERM/);
    await expect(user.ask("FLUSHALL")).rejects.toThrow(/NOPERM/);
  });

  it.each([...COMMANDS, "~sluice:*", "&sluice:*"])(
    "needs each of these rights: %s",
    async (right) => {
      const rest = RIGHTS.split(" ").filter((each) => each !== right);
      await admin.ask(`ACL SETUSER less reset on >password ${rest.join(" ")}`);
      await admin.ask("SCRIPT FLUSH");
      await refused();
      await useAll(server.url.replace("//", "//less:password@"), {}, age).catch(() => {});
      expect((await refused()).length).toBeGreaterThan(0);
    },
  );

  it("is not used with another password, and nobody reads it in an error", async () => {
    await using broker = openBroker(server.url.replace("//", "//sluice:wrong-one@"), {
      publishTimeout: 300,
    });
    const error = await broker.publish(event("c", "1")).catch((error: unknown) => error as Error);
    expect(error).toMatchObject({ code: "ERR_NOT_STORED" });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("wrong-one");
  });
});

describe.skipIf(noRedis)("a server behind TLS", () => {
  let server: RedisServer;
  let url = "";
  beforeAll(async () => {
    const files = ["--tls-cert-file", fixture("cert"), "--tls-key-file", fixture("key")];
    const port = await freePort();
    server = await startRedis(["--tls-port", String(port), "--tls-auth-clients", "no", ...files]);
    url = `rediss://localhost:${port}`;
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it("is used where its certificate is known", async () => {
    const ca = readFileSync(fixture("cert"));
    const client = { socket: { tls: true, ca } } as const;
    await expect(useAll(url, { commandTimeout: "2s", client })).resolves.toBeUndefined();
  });

  it("is not used where its certificate is not", async () => {
    await using broker = openBroker(url, { publishTimeout: 500 });
    await expect(broker.publish(event("c", "1"))).rejects.toMatchObject({ code: "ERR_NOT_STORED" });
  });
});
