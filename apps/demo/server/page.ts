import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** Scripts, styles and connections from this server alone, and none written into the markup. */
const POLICY = [
  "default-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * Serves the page that Vite built.
 *
 * @param root - the folder of its files; the streams work without them
 */
export async function servePage(app: FastifyInstance, root: string): Promise<void> {
  if (!existsSync(join(root, "index.html"))) {
    app.log.warn(`There is no page in ${root}. Build it with "npm run build:web".`);
    return;
  }
  await app.register(fastifyStatic, {
    root,
    setHeaders: (reply) => {
      void reply.headers({
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
      });
    },
  });
}
