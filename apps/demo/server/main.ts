import { fileURLToPath } from "node:url";
import { LmdbError } from "@sluice/lmdb";
import type { FastifyInstance } from "fastify";
import { buildApp } from "./app.js";
import { ConfigError, type DemoConfig, readConfig } from "./config.js";

/** What `npm start` says, so that its history outlives it. */
const KEEP_HISTORY = "--keep-history";

const config = configure();
const app = await build();

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // A second signal ends the process at once, as signals do where nobody listens.
  process.once(signal, () => void stop());
}

// Whoever started it, and keeps a channel to it, has gone without a word.
if (process.connected) process.once("disconnect", () => void stop());

try {
  await app.listen(config);
} catch (error) {
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  if (taken) fail(`Port ${config.port} is taken: choose another, as in PORT=3001 npm start.`);
  fail(error instanceof Error ? error.message : String(error));
}
const address = app.server.address();
const port = typeof address === "object" && address !== null ? address.port : config.port;
const host = config.host.includes(":") ? `[${config.host}]` : config.host;
console.log(`Sluice demo: http://${host}:${port}/`);

function configure(): DemoConfig {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message);
    throw error;
  }
}

async function build(): Promise<FastifyInstance> {
  const kept = keptHistory();
  try {
    return await buildWith({ ...config, history: config.history ?? kept });
  } catch (error) {
    if (!(error instanceof LmdbError)) throw error;
    if (kept === undefined) fail(error.message);
    console.warn(`${error.message} The history is in memory.`);
    return buildWith(config);
  }
}

async function buildWith(config: DemoConfig): Promise<FastifyInstance> {
  return buildApp(config, {
    page: fileURLToPath(new URL("../web", import.meta.url)),
    logger: { level: "warn" },
  });
}

/** A folder for each port, for a folder and a port both belong to one process. */
function keptHistory(): string | undefined {
  const { history, redis, port } = config;
  const isElsewhere = history !== undefined || redis !== undefined || port === 0;
  if (isElsewhere || !process.argv.includes(KEEP_HISTORY)) return undefined;
  return fileURLToPath(new URL(`../history/${port}`, import.meta.url));
}

/** Ends the streams, each with a time to come back at, and then the process. */
async function stop(): Promise<never> {
  await app.close();
  process.exit(0);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
