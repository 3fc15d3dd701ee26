import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { checkDatabase } from "./database-file.js";
import { LmdbError } from "./errors.js";
import {
  FORMAT_KEY,
  NEXT_NUMBER_KEY,
  RECORDS_END,
  RECORDS_START,
  RUNS_END,
  RUNS_START,
} from "./keys.js";
import type { LmdbSettings } from "./options.js";
import { type Ownership, takeOwnership } from "./owner.js";
import { flush, flushAside, UnflushedMark } from "./power-cut.js";

/** How keys and values are laid out. */
const FORMAT = "1";

/** A key that gets a value, or that loses it. */
export interface Change {
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

/** The database of a broker, and everything that makes its opening and closing safe. */
export class Store {
  readonly #db: RootDatabase<Buffer, Buffer>;
  readonly #sync: boolean;
  readonly #file: string;
  readonly #mark: UnflushedMark;
  readonly #ownership: Ownership;
  #nextNumber: number;

  /** @throws LmdbError */
  constructor({ path, sync }: Pick<LmdbSettings, "path" | "sync">) {
    this.#sync = sync;
    this.#file = join(path, "history.mdb");
    this.#mark = new UnflushedMark(path);
    let ownership: Ownership | undefined;
    let db: RootDatabase<Buffer, Buffer> | undefined;
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      ownership = takeOwnership(path);
      this.#ownership = ownership;
      const unflushed = this.#mark.read();
      if (unflushed === "earlier") this.#beginAnew(path);
      if (!sync && !existsSync(this.#file)) this.#mark.set();
      checkDatabase(this.#file);
      db = open<Buffer, Buffer>({
        path: this.#file,
        keyEncoding: "binary",
        encoding: "binary",
        overlappingSync: false,
        noSync: !sync,
        // Without this, the promise of a batch is not the only one that a failed commit rejects.
        eventTurnBatching: false,
      });
      this.#db = db;
      const isNew = this.#isNew(path);
      if (!sync) this.#mark.set();
      if (isNew) {
        this.#db.transactionSync(() => this.#db.putSync(FORMAT_KEY, Buffer.from(FORMAT)));
        if (sync) flush(path);
      }
      if (sync && unflushed !== "none") {
        flush(this.#file);
        this.#mark.clear();
      }
      this.#nextNumber = Number(this.#db.get(NEXT_NUMBER_KEY)?.toString() ?? "1");
    } catch (error) {
      void db?.close();
      void ownership?.release();
      if (error instanceof LmdbError) throw error;
      throw new LmdbError(
        "ERR_OPEN",
        `The history in ${JSON.stringify(path)} can't be opened: ${error instanceof Error ? error.message : String(error)}. Check that it is a folder which this process may write to and which holds nothing else.`,
        { cause: error },
      );
    }
  }

  /** A value, in a buffer that is another value's from the next call on; undefined where there is none. */
  peek(key: Buffer): Buffer | undefined {
    return this.#db.getBinaryFast(key);
  }

  /** The number that a new channel gets. */
  takeNumber(): number {
    return this.#nextNumber++;
  }

  /** What has to be stored so that no number is taken twice. */
  get numbersTaken(): Change {
    return { key: NEXT_NUMBER_KEY, value: Buffer.from(String(this.#nextNumber)) };
  }

  /**
   * Makes changes, all of them or none.
   *
   * A commit that is not flushed takes microseconds, less than it takes to hand it to another thread;
   * one that is flushed is made there, and nothing waits for the disk.
   *
   * @returns once they are as safe as they get; a promise where they are flushed
   */
  commit(changes: readonly Change[]): void | Promise<void> {
    const db = this.#db;
    const write = (): void => {
      for (const { key, value } of changes) {
        if (value === undefined) void db.remove(key);
        else void db.put(key, value);
      }
    };
    if (!this.#sync) return db.transactionSync(write);
    return db.batch(write).then(undefined, async (error: unknown) => {
      // The reason comes in a promise of its own.
      throw await Promise.resolve((error as { commitError?: unknown }).commitError).then(
        (none) => none ?? error,
        (reason: unknown) => reason,
      );
    });
  }

  /** The keys of some channels' records, in their order. */
  recordKeys(after: Buffer | undefined, limit: number): Buffer[] {
    return this.#keys(RECORDS_START, after, RECORDS_END, limit);
  }

  /** The keys of some runs, in their order. */
  runKeys(after: Buffer | undefined, limit: number): Buffer[] {
    return this.#keys(RUNS_START, after, RUNS_END, limit);
  }

  #keys(first: Buffer, after: Buffer | undefined, end: Buffer, limit: number): Buffer[] {
    const start = after === undefined ? first : Buffer.concat([after, Buffer.alloc(1)]);
    return [...this.#db.getKeys({ start, end, limit })];
  }

  async close(): Promise<void> {
    await this.#db.close();
    if (!this.#sync) {
      await flushAside(this.#file);
      this.#mark.clear();
    }
    await this.#ownership.release();
  }

  #beginAnew(path: string): void {
    for (const file of [this.#file, `${this.#file}-lock`]) rmSync(file, { force: true });
    process.emitWarning(
      `The history in ${JSON.stringify(path)} was not flushed when the system went down, so it begins anew. With sync: true it would have been kept.`,
      { type: "SluiceWarning", code: "SLUICE_HISTORY_LOST" },
    );
  }

  #isNew(path: string): boolean {
    const format = this.#db.get(FORMAT_KEY)?.toString();
    if (format === undefined || format === FORMAT) return format === undefined;
    throw new LmdbError(
      "ERR_FORMAT",
      `The history in ${JSON.stringify(path)} has the format ${format}, and this version of @sluice/lmdb knows ${FORMAT}. Use the version that wrote it, or another path.`,
    );
  }
}
