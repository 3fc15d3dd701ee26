import { randomBytes } from "node:crypto";

/**
 * The ids of brokers that count: a version, a nonce that is drawn when a channel's count begins, and
 * the count. Another channel's id, or one from before a restart that lost the history, has another
 * nonce.
 */
export interface CountedId {
  readonly nonce: string;
  readonly count: number;
}

const PATTERN = /^1\.([A-Za-z0-9_-]{8})\.(0|[1-9][0-9]{0,11})$/;

/** A nonce of 48 random bits. */
export function newNonce(): string {
  return randomBytes(6).toString("base64url");
}

export function formatCountedId(nonce: string, count: number): string {
  return `1.${nonce}.${count}`;
}

/** Reads an id strictly; undefined for everything else. */
export function parseCountedId(id: string): CountedId | undefined {
  const match = PATTERN.exec(id);
  return match === null ? undefined : { nonce: match[1]!, count: Number(match[2]) };
}
