import { Buffer } from "node:buffer";
import type { Entry, EntryKind } from "@sluice/core";

/** An entry is stored as its kind, its time, the bytes of all texts before it, and its text. */
const AT = 1;
const BEFORE = 9;
const TEXT = 17;

const KINDS: readonly EntryKind[] = ["json", "text", "end"];

export function encodeEntry(kind: EntryKind, text: string, at: number, before: number): Buffer {
  const bytes = Buffer.allocUnsafe(TEXT + Buffer.byteLength(text));
  bytes[0] = KINDS.indexOf(kind);
  bytes.writeDoubleBE(at, AT);
  bytes.writeDoubleBE(before, BEFORE);
  bytes.write(text, TEXT);
  return bytes;
}

export function decodeEntry(id: string, bytes: Buffer): Entry {
  return { id, kind: KINDS[bytes[0]!]!, text: bytes.toString("utf8", TEXT, bytes.length) };
}

/** When an entry was stored. */
export function timeOf(bytes: Buffer): number {
  return bytes.readDoubleBE(AT);
}

/** The bytes of all texts before an entry's. */
export function bytesBefore(bytes: Buffer): number {
  return bytes.readDoubleBE(BEFORE);
}

/** The bytes of an entry's text. */
export function textBytes(bytes: Buffer): number {
  return bytes.length - TEXT;
}
