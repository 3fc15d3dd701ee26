import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "./config.js";

describe("readConfig", () => {
  test("an empty environment gives the defaults", () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: "localhost",
      retry: 3000,
      keepAlive: 15_000,
      tokenRate: 20,
      history: undefined,
      redis: undefined,
      node: `${hostname()}-${process.pid}`,
      mayBeKilled: false,
    });
  });

  test("each variable is read, and blanks around it are ignored", () => {
    const env = {
      PORT: " 8080 ",
      HOST: "0.0.0.0",
      SSE_RETRY_TIMEOUT: "5000",
      KEEP_ALIVE: "30s",
      TOKENS_PER_SECOND: "40",
      HISTORY_PATH: "data/history ",
    };
    expect(readConfig(env)).toEqual({
      port: 8080,
      host: "0.0.0.0",
      retry: 5000,
      keepAlive: 30_000,
      tokenRate: 40,
      history: "data/history",
      redis: undefined,
      node: `${hostname()}-${process.pid}`,
      mayBeKilled: false,
    });
  });

  test("the variables of several nodes are read", () => {
    const env = {
      REDIS_URL: "rediss://u:p@redis:6380/1",
      NODE_NAME: "A",
      NODES_MAY_BE_KILLED: "1",
    };
    const { redis, node, mayBeKilled } = readConfig(env);
    expect([redis, node, mayBeKilled]).toEqual([env.REDIS_URL, "A", true]);
  });

  test("a folder and Redis can't both have the history", () => {
    const env = { HISTORY_PATH: "data", REDIS_URL: "redis://localhost" };
    expect(thrownBy(() => readConfig(env)).message).toBe(
      'HISTORY_PATH is "data", but must be left out where REDIS_URL is set: Redis has the history then, of all nodes.',
    );
  });

  test("the password of an address that can't be used is not shown", () => {
    const { message } = thrownBy(() => readConfig({ REDIS_URL: "http://me:secret@redis" }));
    expect(message).toContain('REDIS_URL is "http://***@redis"');
  });

  test("an empty variable counts as not set", () => {
    const names = [
      "PORT",
      "HOST",
      "SSE_RETRY_TIMEOUT",
      "KEEP_ALIVE",
      "HISTORY_PATH",
      "REDIS_URL",
      "NODE_NAME",
      "NODES_MAY_BE_KILLED",
    ];
    const empty = Object.fromEntries(names.map((name, index) => [name, " ".repeat(index)]));
    expect(readConfig(empty)).toEqual(readConfig({}));
  });

  test.each([
    ["250", 250],
    ["250ms", 250],
    ["15s", 15_000],
    ["10m", 600_000],
    ["2h", 7_200_000],
  ])("KEEP_ALIVE=%s is %i milliseconds", (value, milliseconds) => {
    expect(readConfig({ KEEP_ALIVE: value }).keepAlive).toBe(milliseconds);
  });

  test.each([
    ["PORT", "0", "port", 0],
    ["PORT", "65535", "port", 65_535],
    ["SSE_RETRY_TIMEOUT", "0", "retry", 0],
    ["SSE_RETRY_TIMEOUT", "2147483647", "retry", 2_147_483_647],
  ] as const)("%s=%s, at the end of the range, is taken", (variable, value, key, number) => {
    expect(readConfig({ [variable]: value })[key]).toBe(number);
  });

  test.each(["::1", "127.0.0.1", "demo.example.org", "fe80::1%eth0"])(
    "HOST=%s is taken",
    (host) => {
      expect(readConfig({ HOST: host }).host).toBe(host);
    },
  );

  test.each([
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "80.5"],
    ["PORT", "1e3"],
    ["PORT", "0x50"],
    ["HOST", "http://localhost"],
    ["HOST", "local host"],
    ["SSE_RETRY_TIMEOUT", "5s"],
    ["SSE_RETRY_TIMEOUT", "2147483648"],
    ["KEEP_ALIVE", "soon"],
    ["KEEP_ALIVE", "0"],
    ["KEEP_ALIVE", "15 apples"],
    ["KEEP_ALIVE", "30d"],
    ["KEEP_ALIVE", "9999h"],
    ["HISTORY_PATH", "redis://localhost"],
    ["HISTORY_PATH", "file:///var/history"],
    ["REDIS_URL", "localhost:6379"],
    ["REDIS_URL", "http://localhost:6379"],
    ["NODE_NAME", "node A"],
    ["NODES_MAY_BE_KILLED", "true"],
  ])(
    "%s=%s is refused in one sentence with the variable, the value and what is expected",
    (variable, value) => {
      const error = thrownBy(() => readConfig({ [variable]: value }));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ variable, value });
      expect(error.message).toMatch(/^[A-Z_]+ is ".*", but must be [^.]*\.$/);
      expect(error.message).toContain(`${variable} is ${JSON.stringify(value)}`);
    },
  );
});

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("Expected an error to be thrown.");
}
