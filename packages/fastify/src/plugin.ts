import {
  Channels,
  compile,
  Connections,
  type CompiledRoute,
  type Provider,
  Runs,
} from "@sluice/core";
import type { FastifyInstance } from "fastify";
import { SluicePluginError } from "./errors.js";
import { Limits } from "./limits.js";
import type { SluiceOptions } from "./options.js";
import { readOptions } from "./settings.js";
import { Registry } from "./registry.js";
import { registerRoutes } from "./routes.js";
import { RunWatch } from "./run-watch.js";
import { Shutdown } from "./shutdown.js";
import { Stragglers } from "./stragglers.js";
import { addReadiness } from "./readiness.js";
import { WriteDeadline } from "./write-deadline.js";

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
  const { controllers, guards, interceptors, container } = options;
  const application = compile({
    controllers,
    providers: providersOf(options),
    ...(guards && { guards }),
    ...(interceptors && { interceptors }),
    ...(container && { container }),
  });
  app.addHook("onClose", () => application.dispose());
  const connections = application.resolve(Connections);
  if (options.nodes !== undefined) {
    const leave = [
      connections.join(options.nodes),
      application.resolve(Channels).join(options.nodes),
    ];
    app.addHook("onClose", () => Promise.all(leave.map((leave) => leave())));
  }
  const { routes } = application;
  requireCookies(app, routes);

  const registry = new Registry();
  const stragglers = new Stragglers(app.log, settings.stuckAfter);
  const { runs } = application;
  runs?.observe(new RunWatch(app.log, stragglers));
  const { drainWindow: window, onDrain, writeTimeout } = settings;
  registerRoutes(routes, {
    app,
    settings,
    connections,
    registry,
    stragglers,
    admissions: new Limits(settings.limits),
    keepAlives: new Map(),
    writeDeadline: writeTimeout === undefined ? undefined : new WriteDeadline(writeTimeout),
  });
  if (settings.readiness !== undefined) addReadiness(app, settings.readiness, registry);

  const shutdown = Shutdown.of(app.server);
  shutdown.add({
    registry,
    window,
    // Whatever goes wrong with it, the streams have to end.
    onDrain: () => onDrain().catch((error: unknown) => app.log.error(error, "onDrain failed")),
    finishRuns: runs && ((within) => runs.drain(within)),
  });
  app.addHook("preClose", () => shutdown.run());
}

/** The application's own providers come last: they may provide `Channels` and `Runs` themselves. */
function providersOf({ channels, runs, providers = [] }: SluiceOptions): Provider[] {
  const ours: Provider[] = [];
  if (channels !== undefined)
    ours.push({ provide: Channels, useFactory: () => new Channels(channels) });
  if (runs !== undefined)
    ours.push({ provide: Runs, useFactory: (resolve) => new Runs(resolve(Channels), runs) });
  return [...ours, ...providers];
}

/**
 * Cookies are parsed by a hook, and hooks that are added later don't run for these routes.
 *
 * @throws SluicePluginError `ERR_COOKIES_MISSING`
 */
function requireCookies(app: FastifyInstance, routes: readonly CompiledRoute[]): void {
  const reader = routes.find((route) => route.usesCookies);
  if (reader === undefined || app.hasRequestDecorator("cookies")) return;
  throw new SluicePluginError(
    "ERR_COOKIES_MISSING",
    `${reader.name} reads a cookie, but nothing parses cookies. Register @fastify/cookie before sluice.`,
  );
}
