import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { uptime } from "node:os";
import { join } from "node:path";

/** How much the time of the start may seem to differ between two looks at it, in seconds. */
const TOLERANCE = 10;

/**
 * A mark beside a history that is not flushed, with the start of the operating system in it.
 *
 * What a process has written is safe with the operating system, even if the process is killed. After
 * a power cut some of it is on the disk and some is not, and LMDB can't tell. Such a history must not
 * be opened: apart from the damage, numbers that were given out already would be given out again, and
 * who comes back with one of them would miss events without being told.
 */
export class UnflushedMark {
  readonly #folder: string;
  readonly #file: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, "unflushed");
  }

  /** Whether there is one, of this start of the operating system or of an earlier one. */
  read(): "none" | "current" | "earlier" {
    let text: string;
    try {
      text = readFileSync(this.#file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return "none";
      throw error;
    }
    return isSameBoot(text, bootOf()) ? "current" : "earlier";
  }

  set(): void {
    const file = openSync(this.#file, "w", 0o600);
    try {
      writeSync(file, bootOf());
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    flush(this.#folder);
  }

  clear(): void {
    rmSync(this.#file, { force: true });
    flush(this.#folder);
  }
}

/** Flushes a file to the disk, or what a folder says of its files where the system knows of that. */
export function flush(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EISDIR") throw error;
    if (process.platform === "win32") return;
    file = openSync(path, "r");
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Flushes a file to the disk on another thread, as it may take long. */
export async function flushAside(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The start of the operating system: Linux has an id for it, elsewhere it is the time in seconds. */
function bootOf(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return String(Math.round(Date.now() / 1000 - uptime()));
  }
}

/** Exported for its test. */
export function isSameBoot(one: string, other: string): boolean {
  return one === other || Math.abs(Number(one) - Number(other)) <= TOLERANCE;
}
