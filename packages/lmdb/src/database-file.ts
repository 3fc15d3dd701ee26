import { closeSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";

/** Where the first page of a database has its mark, and the version of LMDB's own layout. */
const MARK_AT = 24;
const MARK = 0xbeefc0de;
const VERSION = 2;

/**
 * Checks that a file can be opened by LMDB, which ends the process when it is not what it expects.
 * An empty file and none are a new database.
 *
 * @throws Error
 */
export function checkDatabase(file: string): void {
  const head = Buffer.alloc(MARK_AT + 8);
  // For writing too, so that this shows what LMDB would run into. It makes the file.
  const descriptor = openSync(file, "a+", 0o600);
  try {
    if (readSync(descriptor, head, 0, head.length, 0) === 0) return;
  } finally {
    closeSync(descriptor);
  }
  const word = (offset: number): number =>
    endianness() === "LE" ? head.readUInt32LE(offset) : head.readUInt32BE(offset);
  if (word(MARK_AT) !== MARK || word(MARK_AT + 4) !== VERSION) {
    throw new Error(`${JSON.stringify(file)} is no database of this version of LMDB`);
  }
}
