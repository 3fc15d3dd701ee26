import { SluiceError } from "../errors.js";
import type { Context } from "./context.js";
import type { GuardFunction } from "./guard.js";
import { HttpError } from "./http-error.js";

/** From where a browser may open a stream. */
export interface AllowList {
  /**
   * Origins of pages, as in `"https://app.example"`. A request that says it is of another page is
   * refused. One that names none is let through, unless `Sec-Fetch-Site` says that it is of another
   * site: it is of no page, or of one of this server's own.
   */
  readonly origins?: readonly string[];
  /**
   * Names under which this server may be asked for, with their port where it is not the scheme's own,
   * as in `"app.example"`. It keeps away pages that point a name of theirs at this server (DNS
   * rebinding).
   */
  readonly hosts?: readonly string[];
}

/**
 * A guard that lets in only what comes from pages, and under names, that are listed. A browser sends
 * cookies along with an `EventSource` of any page: list your pages' origins where cookies decide.
 *
 * @example `@UseGuards(allow({ origins: ["https://app.example"] }))`
 * @throws SluiceError `ERR_GUARD` when nothing is listed, or an origin is none
 */
export function allow({ origins, hosts }: AllowList): GuardFunction {
  if (origins === undefined && hosts === undefined)
    throw new SluiceError("ERR_GUARD", "allow() needs { origins } or { hosts }.");
  const allowedOrigins = origins && new Set(origins.map(toOrigin));
  const allowedHosts = hosts && new Set(hosts.map((host) => host.toLowerCase()));
  return (ctx: Context) => {
    if (allowedOrigins !== undefined && !isOf(allowedOrigins, ctx))
      throw new HttpError(403, "This origin is not allowed.", { code: "ERR_ORIGIN" });
    const host = ctx.headers[":authority"] ?? ctx.headers.host;
    if (allowedHosts !== undefined && !allowedHosts.has(String(host).toLowerCase()))
      throw new HttpError(403, "This host is not allowed.", { code: "ERR_HOST" });
    return true;
  };
}

function isOf(origins: ReadonlySet<string>, { headers }: Context): boolean {
  const { origin } = headers;
  return origin === undefined ? headers["sec-fetch-site"] !== "cross-site" : origins.has(origin);
}

/** An origin as browsers write it (WHATWG HTML section 7.1.1). */
function toOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  if (origin === "null" || origin !== text.replace(/\/$/, "").toLowerCase()) {
    throw new SluiceError(
      "ERR_GUARD",
      `allow() takes origins such as "https://app.example", with a scheme and without a path or a standard port, not ${JSON.stringify(text)}.`,
    );
  }
  return origin;
}
