import { type Context, type Guard, HttpError, Injectable } from "@sluice/core";
import type { FastifyRequest } from "fastify";

export interface User {
  name: string;
  member: boolean;
}

/** A request that {@link SignedIn} has let through. */
export type SignedInRequest = FastifyRequest & { user: User };

/** The demo's accounts, by token. */
const USERS: ReadonlyMap<string, User> = new Map([
  ["token", { name: "Ada", member: true }],
  ["guest", { name: "Grace", member: false }],
]);

/** Knows who asks, by `Authorization: Bearer` or, for an EventSource, `?access_token=`. */
@Injectable()
export class SignedIn implements Guard {
  canActivate(ctx: Context): boolean {
    const user = USERS.get(tokenOf(ctx) ?? "");
    if (user === undefined) {
      throw new HttpError(401, "Send a token that we know.", {
        headers: { "WWW-Authenticate": "Bearer" },
      });
    }
    (ctx.request as SignedInRequest).user = user;
    return true;
  }
}

/** Lets members in, after {@link SignedIn}. Saying false answers 403. */
@Injectable()
export class Member implements Guard {
  canActivate(ctx: Context): boolean {
    return (ctx.request as SignedInRequest).user.member;
  }
}

function tokenOf({ headers, query }: Context): string | undefined {
  const header = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
  const parameter = query["access_token"];
  return header ?? (typeof parameter === "string" ? parameter : undefined);
}
