import {
  compile,
  type Class,
  type CompiledApplication,
  type CompiledRoute,
  type CompileOptions,
  type Context,
} from "../src/index.js";
import { fakeContext } from "./fake-context.js";

/** Compiles one controller. */
export function compileOne(
  controller: Class,
  options: Omit<CompileOptions, "controllers"> = {},
): CompiledApplication {
  return compile({ controllers: [controller], ...options });
}

/** Sends one request through a controller's route: the first, or the one of that method. */
export async function run(
  app: CompiledApplication | Class,
  parts: Parameters<typeof fakeContext>[0] = {},
  method?: string,
): Promise<unknown> {
  const { routes } = "routes" in app ? app : compileOne(app);
  const route = routes.find((candidate) => method === undefined || candidate.method === method)!;
  return runRoute(route, fakeContext({ route, ...parts }));
}

/** The steps of a request, as an adapter takes them. */
export async function runRoute(route: CompiledRoute, ctx: Context): Promise<unknown> {
  const invocation = route.invocation(ctx);
  try {
    await invocation.authorize(ctx);
    return await invocation.call(ctx, await invocation.arguments(ctx));
  } finally {
    await invocation.dispose();
  }
}
