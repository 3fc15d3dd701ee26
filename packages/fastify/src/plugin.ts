import { compile } from "@sluice/core";
import type { FastifyInstance } from "fastify";
import { SluicePluginError } from "./errors.js";
import { Http2Sessions } from "./http2-sessions.js";
import { readOptions, type SluiceOptions } from "./options.js";
import { Registry } from "./registry.js";
import { registerRoutes } from "./routes.js";
import { shutdown } from "./shutdown.js";
import { Stragglers } from "./stragglers.js";

/**
 * The Fastify plugin: `app.register(sluice, { controllers: [RoomsController] })`.
 *
 * It is encapsulated, as plugins are by default: it takes a `prefix`, sees the hooks and decorators
 * of its parents, and may be registered several times.
 *
 * @throws SluicePluginError when an option is wrong, a route is taken or something is missing
 * @throws SluiceError when a controller is declared wrongly or can't be injected
 */
export async function sluice(app: FastifyInstance, options: SluiceOptions): Promise<void> {
  const settings = readOptions(options);
  const { controllers, providers, guards, interceptors, container } = options;
  const { routes, dispose } = compile({
    controllers,
    ...(providers && { providers }),
    ...(guards && { guards }),
    ...(interceptors && { interceptors }),
    ...(container && { container }),
  });
  const registry = new Registry();
  registerRoutes(routes, {
    app,
    settings,
    registry,
    stragglers: new Stragglers(app.log, settings.stuckAfter),
    keepAlives: new Map(),
  });

  const sessions = new Http2Sessions(app.server);
  app.addHook("preClose", () => shutdown(registry, sessions, settings.drainWindow));
  app.addHook("onClose", dispose);
  app.addHook("onReady", async () => {
    const needsCookies = routes.find((route) => route.usesCookies);
    if (needsCookies === undefined || app.hasRequestDecorator("cookies")) return;
    throw new SluicePluginError(
      "ERR_COOKIES_MISSING",
      `${needsCookies.name} reads a cookie, but nothing parses cookies. Register @fastify/cookie before sluice.`,
    );
  });
}
