import { type Context, type Guard, HttpError, Injectable } from "@sluice/core";

/** Takes the bearer token for the user's id; without one, nobody comes in. */
@Injectable()
export class AuthGuard implements Guard {
  canActivate({ headers, request }: Context): boolean {
    const id = /^Bearer (\S+)$/.exec(headers.authorization?.toString() ?? "")?.[1];
    if (id === undefined) throw new HttpError(401, "Send a bearer token.");
    Object.assign(request as object, { user: { id } });
    return true;
  }
}
