import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { chunk, chunkedHead } from "./frames.js";
import { loadArguments, runLoad } from "./load.js";
import { noCompiler } from "./no-compiler.js";
import { scripted, type Script } from "./scripted-server.js";

const options = { connections: 2, post: "/publish", expect: 1, settle: 0 };

async function failure(script: Script): Promise<unknown> {
  await using server = await scripted(script);
  return await runLoad("fan", { ...server.target, ...options }).catch((error: unknown) => error);
}

describe.skipIf(noCompiler)("the load client can't measure, says why and exits with 1,", () => {
  beforeAll(async () => void (await compile("load")));

  test("when the status is not 200", async () => {
    const error = await failure({
      stream: ({ socket }) =>
        socket.end("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
    });
    expect(error).toMatchObject({
      message: "load fan: GET /fan: status 503",
      cause: { code: 1 },
    });
  });

  test.each([
    ["closes before the head", "HTTP/1.1 200 OK\r\nContent-", /closed before the head/],
    ["speaks another protocol", "SSH-2.0-OpenSSH_9.2\r\n", /no HTTP\/1\.1: SSH-2\.0/],
    ["sends a chunk without a length", `${chunkedHead}\r\nno chunk\r\n`, /a chunk has no length/],
    ["sends a length that is none", `${chunkedHead}1z\r\na\r\n`, /length is no number/],
    ["ends a chunk later than it says", `${chunkedHead}2\r\nabc\r\n`, /longer than it says/],
  ])("when the server %s", async (_, bytes, message) => {
    const error = await failure({ stream: ({ socket }) => socket.end(bytes) });
    expect(error).toMatchObject({ message: expect.stringMatching(message), cause: { code: 1 } });
  });

  test("when nobody listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    const target = { port, control: port, pid: process.pid };
    await expect(runLoad("fan", { ...target, ...options })).rejects.toThrow(
      `load fan: connect to port ${port}: Connection refused`,
    );
  });

  test("when the server's process is gone", async () => {
    await using server = await scripted({ stream: ({ socket }) => socket.write(chunkedHead) });
    // Above the highest that Linux gives.
    const target = { ...server.target, pid: 4_194_305 };
    await expect(runLoad("fan", { ...target, ...options })).rejects.toThrow(/4194305 is gone/);
  });

  test("when an option is wrong", async () => {
    await using server = await scripted({ stream: ({ socket }) => socket.write(chunk("")) });
    const wrong = runLoad("fan", { ...server.target, ...options, connections: -1 });
    await expect(wrong).rejects.toThrow("--connections -1: not a whole number");
  });
});

test("options become words of the command line", () => {
  const target = { port: 1, control: 2, pid: 3 };
  expect(
    loadArguments("replay", { ...target, children: true, expect: 4, lastEventId: "a b" }),
  ).toEqual(
    "replay --port 1 --control 2 --pid 3 --children --expect 4 --last-event-id"
      .split(" ")
      .concat("a b"),
  );
  expect(loadArguments("leave", { ...target, children: false, connections: 5 })).not.toContain(
    "--children",
  );
});
