import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type Command, Server } from "./server.js";

/** A server that is a few words of JavaScript. */
const fake = (program: string): Command => [process.execPath, "-e", program];

const forEver = "setInterval(() => {}, 1000);";
const ready = `console.log(JSON.stringify({ port: 1, control: 2, pid: process.pid }));`;

/** Whether a process of that id runs. One that nobody asks for its exit code does not. */
function lives(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  return state.trim() !== "" && !state.startsWith("Z");
}

describe("Server", () => {
  it("starts, says where it is, and ends when it is told", async () => {
    const { server, ports } = await Server.start(fake(ready + forEver));
    expect(ports).toMatchObject({ port: 1, control: 2 });
    expect(lives(ports.pid)).toBe(true);
    expect(server.accident).toBeUndefined();
    await server.stop();
    expect(lives(ports.pid)).toBe(false);
    expect(server.accident).toBeUndefined();
  });

  it("passes over what a framework prints before it is ready", async () => {
    const { server, ports } = await Server.start(
      fake(`console.log("Nest is up");${ready}${forEver}`),
    );
    expect(ports.port).toBe(1);
    await server.stop();
  });

  it("ends what the server has started, and a server that does not end by itself", async () => {
    const { server, ports } = await Server.start(
      fake(`
        const { spawn } = require("node:child_process");
        process.on("SIGTERM", () => {});
        const child = spawn(process.execPath, ["-e", ${JSON.stringify(forEver)}]);
        console.log(JSON.stringify({ port: 1, control: 2, pid: child.pid }));
        ${forEver}
      `),
    );
    expect(lives(ports.pid)).toBe(true);
    server.kill();
    await server.stop();
    await expect.poll(() => lives(ports.pid)).toBe(false);
  });

  it("tells a framework that is not installed by the exit code 3", async () => {
    const started = Server.start(fake(`console.error("hono is not installed"); process.exit(3)`));
    await expect(started).rejects.toMatchObject({
      code: "absent",
      message: "hono is not installed",
    });
  });

  it("tells why a server could not start", async () => {
    const started = Server.start(fake(`throw new Error("the port is taken")`));
    await expect(started).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(/exit code 1: .*the port is taken/),
    });
  });

  it("tells that a program is not there", async () => {
    const started = Server.start(["/no/such/program"]);
    await expect(started).rejects.toMatchObject({ code: "failed", message: /ENOENT/ });
  });

  it("gives up on a server that never gets ready", async () => {
    const started = Server.start(fake(forEver), 200);
    await expect(started).rejects.toMatchObject({ code: "failed", message: /not ready/ });
  });

  it("knows that a server ended while it was measured", async () => {
    const { server } = await Server.start(fake(`${ready} setTimeout(() => process.exit(7), 20)`));
    await expect.poll(() => server.accident).toMatch(/exit code 7/);
    await server.stop();
  });
});
