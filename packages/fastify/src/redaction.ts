import type { FastifyInstance, FastifyRequest } from "fastify";

/** Parameters of a query that are likely to grant something. */
export const DEFAULT_REDACTED: readonly string[] = [
  "access_token",
  "api_key",
  "apikey",
  "auth",
  "authorization",
  "code",
  "jwt",
  "key",
  "password",
  "secret",
  "sig",
  "signature",
  "ticket",
  "token",
];

/**
 * Takes the values of some parameters out of a URL, for logs. The query begins where Fastify's router
 * begins it: at a question mark, a number sign, or, if it is set so, a semicolon.
 *
 * @param names - the parameters, in lower case
 */
export function redactUrl(url: string, names: ReadonlySet<string>): string {
  let shown = url;
  for (const mark of ["?", "#", ";"]) shown = redactAfter(mark, shown, names);
  return shown;
}

function redactAfter(mark: string, url: string, names: ReadonlySet<string>): string {
  const start = url.indexOf(mark);
  if (start === -1) return url;
  const parts = url.slice(start + 1).split("&");
  const shown = parts.map((part) => {
    const [name = ""] = part.split("=", 1);
    return names.has(decoded(name).toLowerCase()) ? `${name}=[redacted]` : part;
  });
  return url.slice(0, start + 1) + shown.join("&");
}

type Serializer = (request: FastifyRequest) => unknown;

/**
 * What is logged of a request, by the application's own serializer or Fastify's, with the values of some
 * parameters taken out of its `url`.
 *
 * @param names - the parameters, in lower case
 */
export function requestSerializer(app: FastifyInstance, names: ReadonlySet<string>): Serializer {
  const { req = plain } = serializersOf(app.log);
  return (request) => {
    const shown = req(request);
    if (typeof shown !== "object" || shown === null || !("url" in shown)) return shown;
    const { url } = shown;
    return typeof url === "string" ? { ...shown, url: redactUrl(url, names) } : shown;
  };
}

/** Where pino keeps the serializers of a logger. */
function serializersOf(log: object): { readonly req?: Serializer } {
  const found: unknown = Reflect.get(log, Symbol.for("pino.serializers"));
  return typeof found === "object" && found !== null ? found : {};
}

/** As Fastify does it, for loggers of another make. */
function plain(request: FastifyRequest): unknown {
  return {
    method: request.method,
    url: request.url,
    host: request.host,
    remoteAddress: request.ip,
    remotePort: request.socket.remotePort,
  };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
