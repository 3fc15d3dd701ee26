import { createHash } from "node:crypto";
import { SluiceError } from "../errors.js";
import type { Context } from "../pipeline/context.js";
import { HttpError } from "../pipeline/http-error.js";
import { show } from "../show.js";
import type { RunSettings } from "./run-options.js";

/** Where a run is found: whose it is, and its key. */
export interface RunPlace {
  readonly key: string;
  /** Undefined for nobody in particular, and for a run that all principals share. */
  readonly principal: string | undefined;
  /** Both as one text, for a store: no other principal and key have the same. */
  readonly id: string;
}

/** The longest key, in characters. */
const MAX_KEY = 200;

/** What may stand in a name as it is: the separator and the mark of a digest are not among it. */
const PLAIN = /^[\w:.@~+-]{1,100}$/;

/**
 * The place of the run that a request is about.
 *
 * @param name - the handler's, for the message
 * @throws HttpError 400, `ERR_RUN_KEY`, for a text that is no key: it is made of what the client sent;
 *   SluiceError `ERR_RUN_KEY` for what is no text; what the application's `key` throws
 */
export function placeOfRequest(name: string, settings: RunSettings, ctx: Context): RunPlace {
  const key: unknown = settings.key(ctx);
  if (typeof key === "string" && !isKey(key))
    throw new HttpError(400, "There can be no such run.", { code: "ERR_RUN_KEY" });
  return placeOf(`${name}: the key of @Run`, key, settings.shared ? undefined : ctx.principal);
}

/**
 * The place of a run.
 *
 * @param where - whose key it is, for the message
 * @throws SluiceError `ERR_RUN_KEY`
 */
export function placeOf(where: string, key: unknown, principal: string | undefined): RunPlace {
  if (!isKey(key)) {
    throw new SluiceError(
      "ERR_RUN_KEY",
      `${where} must be a text of 1 to ${MAX_KEY} characters without control characters, not ${show(key)}.`,
    );
  }
  return { key, principal: principal || undefined, id: `${part(principal ?? "")}/${part(key)}` };
}

/** The name of the channel that one attempt has for itself. */
export function channelOf({ id }: RunPlace, attempt: string): string {
  return `run/${id}/${attempt}`;
}

function isKey(key: unknown): key is string {
  return (
    typeof key === "string" &&
    key !== "" &&
    key.length <= MAX_KEY &&
    key.isWellFormed() &&
    !/[\u0000-\u001f\u007f-\u009f]/.test(key)
  );
}

/** A text so that it fits into the name of a channel, and no two texts are alike there. */
function part(text: string): string {
  if (text === "" || PLAIN.test(text)) return text;
  return `#${createHash("sha256").update(text).digest("base64url")}`;
}
