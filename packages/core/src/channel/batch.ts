import type { Frame } from "../frame.js";
import { SharedText } from "../shared-text.js";
import type { Entry } from "./broker.js";
import { EntryFrame, idOfFrame, withId } from "./entry-frame.js";

/**
 * Several frames as one text, which every connection that is at the same place gets in one write.
 */
export class Batch extends SharedText {
  /** The id of the last frame that has one. */
  readonly lastId: string;
  readonly #entries: readonly Entry[];
  #frames: readonly Frame[] | undefined;

  private constructor(
    text: string,
    lastId: string,
    entries: readonly Entry[],
    frames: readonly Frame[] | undefined,
  ) {
    super(text);
    this.lastId = lastId;
    this.#entries = entries;
    this.#frames = frames;
  }

  /** @param entries - at least one, none of them an end */
  static ofEntries(entries: readonly Entry[]): Batch {
    let text = "";
    for (const entry of entries) text += withId(entry);
    return new Batch(text, entries.at(-1)!.id, entries, undefined);
  }

  /** Without an end, which is nothing to be written; undefined where nothing else is there. */
  static ofWritten(entries: readonly Entry[]): Batch | undefined {
    const written = entries.some(isEnd) ? entries.filter((entry) => !isEnd(entry)) : entries;
    return written.length === 0 ? undefined : Batch.ofEntries(written);
  }

  /**
   * @param frames - at least one
   * @param lastId - the id of the last of them
   */
  static ofFrames(frames: readonly Frame[], lastId: string): Batch {
    let text = "";
    for (const frame of frames) text += frame.text;
    return new Batch(text, lastId, [], frames);
  }

  /** How many frames it is made of. */
  get size(): number {
    return this.#frames?.length ?? this.#entries.length;
  }

  /** The frames one by one, for whoever looks at them; made once for all. */
  get frames(): readonly Frame[] {
    return (this.#frames ??= this.#entries.map((entry) => new EntryFrame(entry)));
  }

  /**
   * The batch without the frames that don't pass; itself if all do.
   *
   * @returns undefined when none does
   * @throws what the filter throws
   */
  filter(passes: (frame: Frame) => boolean): Batch | undefined {
    const left = this.frames.filter(passes);
    if (left.length === this.frames.length) return this;
    const last = left.at(-1);
    return last && Batch.ofFrames(left, idOfFrame(last) ?? this.lastId);
  }
}

function isEnd({ kind }: Entry): boolean {
  return kind === "end";
}
