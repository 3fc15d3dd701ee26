import { isPromise } from "../pipeline/is-promise.js";
import { Batch } from "./batch.js";
import type { FeedPage, Gap } from "./feed.js";

/** For how long a page is kept, in milliseconds, and how many at most. */
const KEPT_FOR = 1_000;
const MAX_PAGES = 64;

/** A page as connections are sent it, made once for all that ask for it. */
export interface SharedPage {
  readonly gap?: Gap | undefined;
  /** What is to be written; undefined where nothing is. */
  readonly batch: Batch | undefined;
  /** The cursor behind it. */
  readonly next: string;
  /** A channel begins here for the client, which knows nothing of it yet. */
  readonly begins: boolean;
}

/**
 * The pages of history that were read in the last second. When a server comes back, thousands of clients
 * ask for the same ones. What is stored after a cursor never changes, so that a page stays right, although
 * there may be more by now.
 */
export class PageCache {
  readonly #pages = new Map<string, SharedPage | Promise<SharedPage>>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * A page, read unless it is there.
   *
   * @param key - tells the feed and the cursor
   */
  get(key: string, read: () => FeedPage | Promise<FeedPage>): SharedPage | Promise<SharedPage> {
    const kept = this.#pages.get(key);
    if (kept !== undefined) return kept;
    const page = read();
    if (!isPromise(page)) {
      const shared = toShared(page);
      if (isWorthKeeping(shared)) this.#keep(key, shared);
      return shared;
    }
    const reading = Promise.resolve(page).then(toShared);
    this.#keep(key, reading);
    reading.then(
      (shared) => this.#replace(key, reading, isWorthKeeping(shared) ? shared : undefined),
      () => this.#replace(key, reading, undefined),
    );
    return reading;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pages.clear();
  }

  #keep(key: string, page: SharedPage | Promise<SharedPage>): void {
    if (this.#pages.size >= MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value!);
    this.#pages.set(key, page);
    this.#timer ??= setTimeout(() => this.clear(), KEPT_FOR).unref();
  }

  #replace(key: string, reading: Promise<SharedPage>, page: SharedPage | undefined): void {
    if (this.#pages.get(key) !== reading) return;
    if (page === undefined) this.#pages.delete(key);
    else this.#pages.set(key, page);
  }
}

/** Of a gap, and of nothing, one may know more the next time. */
function isWorthKeeping({ batch }: SharedPage): boolean {
  return batch !== undefined;
}

function toShared(page: FeedPage): SharedPage {
  if (page.gap !== undefined) {
    return { gap: page.gap, batch: undefined, next: page.gap.position, begins: false };
  }
  const { entries, next, begins = false } = page;
  return { batch: Batch.ofWritten(entries), next, begins };
}
