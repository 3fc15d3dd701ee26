import { join } from "node:path";
import { open } from "lmdb";
import { checkDatabase } from "./database-file.js";
import { LmdbError } from "./errors.js";

const KEY = Buffer.from("owner");

/** Says that a path is taken; no more than one process has it at a time. */
export interface Ownership {
  release(): Promise<void>;
}

/**
 * Takes a path for this process.
 *
 * LMDB's table of readers tells who else is there: each has a row in it, held by a lock of the
 * operating system that goes with the process however it ends. So nothing is left behind by a process
 * that was killed. The table belongs to a little database of its own, in which a reader may stay for
 * as long as it likes, and which is there before the history is opened.
 *
 * @throws LmdbError `ERR_IN_USE`; Error when the file can't be opened
 */
export function takeOwnership(path: string): Ownership {
  const file = join(path, "owner.mdb");
  checkDatabase(file);
  const db = open<Buffer, Buffer>({
    path: file,
    keyEncoding: "binary",
    encoding: "binary",
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const [reader] = readers();
  if (reader !== undefined) {
    void db.close();
    throw inUse(reader);
  }
  const row = db.useReadTransaction();
  db.get(KEY, { transaction: row });
  const release = async (): Promise<void> => {
    row.done();
    await db.close();
  };
  // Several may have begun at once, as the workers of a cluster do. The first to write here has it.
  const owner = db.transactionSync(() => {
    const others = readers();
    others.splice(others.indexOf(process.pid), 1);
    const last = Number(db.get(KEY)?.toString());
    if (others.includes(last)) return last;
    db.putSync(KEY, Buffer.from(String(process.pid)));
    return undefined;
  });
  if (owner !== undefined) {
    void release();
    throw inUse(owner);
  }
  return { release };

  /** The processes that have a row. */
  function readers(): number[] {
    db.readerCheck();
    return [...db.readerList().matchAll(/^\s*(\d+) [0-9a-f]+ /gm)].map(([, pid]) => Number(pid));
  }

  function inUse(pid: number): LmdbError {
    const who = pid === process.pid ? "another broker of this process" : `the process ${pid}`;
    return new LmdbError(
      "ERR_IN_USE",
      `The history in ${JSON.stringify(path)} is in use by ${who}. Give each process a path of its own, or share channels between processes by another broker.`,
    );
  }
}
