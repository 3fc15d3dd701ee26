import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import type { Class } from "@sluice/core";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import { onTestFinished } from "vitest";
import { sluice, type SluiceOptions } from "../src/index.js";

/** A key and its self-signed certificate, for TLS on the loopback interface. */
export const TLS = {
  key: readFileSync(new URL("fixtures/localhost-key.pem", import.meta.url)),
  cert: readFileSync(new URL("fixtures/localhost-cert.pem", import.meta.url)),
} as const;

/** An application that closes when the test is over. Its logger is silent where none is given. */
export function makeApp(options: object = {}): FastifyInstance {
  const app: FastifyInstance = Fastify({
    logger: { level: "silent" },
    ...options,
  } as FastifyServerOptions);
  onTestFinished(() => app.close());
  return app;
}

/** An application of one controller, or that controller in a given application. */
export async function serve(
  controller: Class,
  options: Omit<SluiceOptions, "controllers"> & { readonly prefix?: string } = {},
  app: FastifyInstance = makeApp(),
): Promise<FastifyInstance> {
  await app.register(sluice, { controllers: [controller], ...options });
  return app;
}

/** The port on the loopback interface; the application is made to listen if need be. */
export async function portOf(app: FastifyInstance): Promise<number> {
  if (app.server.address() === null) await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}

export interface LogEntry {
  readonly level: number;
  readonly msg: string;
  readonly route?: string;
  readonly err?: { readonly type: string; readonly message: string; readonly stack: string };
}

/** A logger option whose entries are kept. */
export function keepLog(): { readonly logger: object; readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = [];
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      entries.push(JSON.parse(line.toString()) as LogEntry);
      done();
    },
  });
  return { logger: { level: "info", stream }, entries };
}
