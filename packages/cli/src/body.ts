import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { UsageError } from "./usage-error.js";

/** What is sent with the request. */
export interface Body {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isJson: boolean;
}

/**
 * Gets the body that `--post` names: what stands there, `@FILE`, or `-` for all of stdin.
 *
 * @throws UsageError if the file can't be read
 */
export async function readBody(post: string, stdin: Readable): Promise<Body> {
  const bytes = new Uint8Array(await bytesOf(post, stdin));
  return { bytes, isJson: isJson(new TextDecoder().decode(bytes)) };
}

async function bytesOf(post: string, stdin: Readable): Promise<Buffer> {
  if (post === "-") return buffer(stdin);
  if (!post.startsWith("@")) return Buffer.from(post);
  try {
    return await readFile(post.slice(1));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--post: the file can't be read (${String(code)})`, { cause });
  }
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
