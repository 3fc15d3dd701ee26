import { createHash } from "node:crypto";

/** The most channels that can be merged: their cursor has to fit into a `Last-Event-ID`. */
export const MAX_MERGED = 32;

const PREFIX = "m1";
const PART = /^([A-Za-z0-9_-]{6}):([A-Za-z0-9._-]{1,23})$/;

/** A short name of a channel, for cursors: six characters of a hash, which say nothing of its name. */
export function channelKey(name: string): string {
  return createHash("sha256").update(name).digest("base64url").slice(0, 6);
}

/** The cursors of several channels as one. Channels that share a key are told apart by their order. */
export class CompositeCursor {
  readonly #keys: readonly string[];

  /** @param channels - sorted, so that one set of channels has one form */
  constructor(channels: readonly string[]) {
    this.#keys = channels.map(channelKey);
  }

  format(cursors: readonly string[]): string {
    let text = PREFIX;
    for (let i = 0; i < cursors.length; i++) text += `~${this.#keys[i]!}:${cursors[i]!}`;
    return text;
  }

  /**
   * Reads a cursor strictly. It may have been made for another set of channels.
   *
   * @returns for each channel its cursor, or undefined where the cursor knows nothing of it; undefined
   * when it is no composite cursor
   */
  parse(text: string): (string | undefined)[] | undefined {
    const [prefix, ...parts] = text.split("~");
    if (prefix !== PREFIX || parts.length === 0 || parts.length > MAX_MERGED) return undefined;
    const found = new Map<string, string[]>();
    for (const part of parts) {
      const match = PART.exec(part);
      if (match === null) return undefined;
      const [, key, cursor] = match as unknown as [string, string, string];
      const same = found.get(key);
      if (same === undefined) found.set(key, [cursor]);
      else same.push(cursor);
    }
    return this.#keys.map((key) => found.get(key)?.shift());
  }
}
