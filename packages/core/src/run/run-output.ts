import { Buffer } from "node:buffer";
import type { Channel } from "../channel/channel.js";
import { SluiceError } from "../errors.js";
import { Frame } from "../frame.js";
import type { SourceItem } from "../source.js";
import type { RunSettings } from "./run-options.js";
import { Turns } from "./turns.js";

/** What a run has published in its channel, one event after the other and within its limits. */
export class RunOutput {
  readonly #route: string;
  readonly #channel: Channel;
  readonly #settings: RunSettings;
  readonly #exceeds: (what: string) => SluiceError;
  readonly #first: (id: string) => void;
  readonly #turns = new Turns();
  #events = 0;
  #bytes = 0;
  #publishing: Promise<unknown> | undefined;
  #isTaken = false;

  /**
   * @param route - the handler's name, for messages
   * @param exceeds - makes the error for a run that has too much
   * @param first - called with the id of the first event when that is stored
   */
  constructor(
    route: string,
    channel: Channel,
    settings: RunSettings,
    exceeds: (what: string) => SluiceError,
    first: (id: string) => void,
  ) {
    this.#route = route;
    this.#channel = channel;
    this.#settings = settings;
    this.#exceeds = exceeds;
    this.#first = first;
  }

  get events(): number {
    return this.#events;
  }

  /** The bytes of the events, as they stand on the wire without their ids. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Another has ended the channel. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /**
   * Resolves when the event is stored, and others have had their turn.
   *
   * @throws what publishing throws; SluiceError `ERR_RUN_LIMIT`, `ERR_RUN`
   */
  async publish(item: SourceItem): Promise<void> {
    const { maxEvents, maxBytes } = this.#settings;
    const frame = this.#frameOf(item);
    const bytes = Buffer.byteLength(frame.text);
    if (this.#events >= maxEvents) throw this.#exceeds(`has more than maxEvents, ${maxEvents}`);
    if (this.#bytes + bytes > maxBytes) throw this.#exceeds(`has more than maxBytes, ${maxBytes}`);
    await this.#store(frame, bytes);
    await this.#turns.take();
  }

  /** The last event of a run that has failed, which may go beyond the limits. */
  publishLast(item: SourceItem): Promise<void> {
    const frame = this.#frameOf(item);
    return this.#store(frame, Buffer.byteLength(frame.text));
  }

  /** Resolves when nothing is on its way any more. */
  async settled(): Promise<void> {
    await this.#publishing?.catch(() => undefined);
  }

  async #store(frame: Frame, bytes: number): Promise<void> {
    const publishing = this.#channel.publish(frame);
    this.#publishing = publishing;
    let id: string;
    try {
      ({ id } = await publishing);
    } catch (error) {
      this.#isTaken = error instanceof SluiceError && error.code === "ERR_CHANNEL_ENDED";
      throw error;
    }
    this.#bytes += bytes;
    if (++this.#events === 1) this.#first(id);
  }

  /** @throws SluiceError `ERR_RUN`: a channel would refuse it too, by a name that the application does not know */
  #frameOf(item: SourceItem): Frame {
    const frame = item instanceof Frame ? item : Frame.of(item);
    const { id, data } = frame.event;
    if (id !== undefined) {
      throw new SluiceError(
        "ERR_RUN",
        `${this.#route}: an event of a run has the id ${JSON.stringify(id)}, but Sluice gives them their ids. Leave it out; an id of your own belongs into the data.`,
      );
    }
    if (data === undefined) {
      throw new SluiceError(
        "ERR_RUN",
        `${this.#route}: an event of a run has no data, so that no client would see it. Give it data.`,
      );
    }
    return frame;
  }
}
