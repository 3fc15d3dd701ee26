import { onTestFinished, vi } from "vitest";
import {
  ATTACH,
  type Broker,
  Channels,
  type RunEnd,
  type RunOptions,
  Runs,
  type RunsOptions,
  type RunSource,
} from "../src/index.js";
import type { RunTask } from "../src/run/run-keeper.js";
import { HandlerContext } from "../src/run/handler-context.js";
import { readRunOptions } from "../src/run/run-options.js";
import { placeOf } from "../src/run/run-place.js";
import { fakeContext } from "./fake-context.js";
import { Part } from "./part.js";
import { TestSink } from "./test-sink.js";

export interface RunNodeOptions extends RunsOptions {
  readonly broker?: Broker;
  /** Of each run. */
  readonly run?: Partial<RunOptions>;
}

/** What goes into one run, beside what it does. */
export interface StartOptions {
  readonly principal?: string;
  readonly run?: Partial<RunOptions>;
  readonly call?: (signal: AbortSignal, context: HandlerContext) => unknown;
  readonly onError?: NonNullable<RunTask["onError"]>;
  readonly dispose?: () => void;
}

/** One process with runs, and what becomes of them. */
export class RunNode {
  readonly channels: Channels;
  readonly runs: Runs;
  /** Of each run that was started here. */
  readonly parts: Part[] = [];
  readonly failures: unknown[] = [];
  /** The keys of those whose process was found to be gone. */
  readonly lost: string[] = [];
  /** The keys of those that another process has taken over. */
  readonly taken: string[] = [];
  /** What became of those that were started here, the oldest end first. */
  readonly ends: { readonly key: string; readonly end: RunEnd }[] = [];
  readonly stopping: Promise<boolean>[] = [];
  readonly #run: Partial<RunOptions>;

  constructor({ broker, run = {}, ...options }: RunNodeOptions = {}) {
    this.channels = new Channels(broker === undefined ? {} : { broker });
    this.runs = new Runs(this.channels, options);
    this.#run = run;
    this.runs.observe({
      failed: (error) => void this.failures.push(error),
      lost: ({ key }) => void this.lost.push(key),
      taken: ({ key }) => void this.taken.push(key),
      started: () => undefined,
      ended: ({ key }, end) => void this.ends.push({ key, end }),
      stopping: (_, stopping) => {
        stopping.catch(() => undefined);
        this.stopping.push(stopping);
      },
    });
    onTestFinished(() => this.close());
  }

  async close(): Promise<void> {
    await this.runs.dispose();
    await this.channels.dispose();
  }

  /** The newest of the parts. */
  get part(): Part {
    return this.parts.at(-1)!;
  }

  /** Joins the run of a key, or starts one, which does what its part is told. */
  enter(key: string, options: StartOptions = {}): Promise<RunSource> {
    const { principal, onError, dispose = () => undefined } = options;
    const context = new HandlerContext(fakeContext());
    const play = (signal: AbortSignal): unknown => {
      const part = new Part(signal);
      this.parts.push(part);
      return part.play();
    };
    const { call = play } = options;
    return this.runs.enter(placeOf("test", key, principal), this.#settings(options.run), {
      route: "Test.route",
      context,
      call: () => call(context.signal, context),
      onError,
      dispose,
    });
  }

  /** Joins the run of a key, and starts none. */
  attach(key: string, principal?: string): Promise<RunSource> {
    return this.runs.enter(placeOf("test", key, principal), this.#settings({}));
  }

  #settings(run: Partial<RunOptions> = {}) {
    return readRunOptions("test", { key: () => "", ...this.#run, ...run });
  }
}

/** Somebody who listens. */
export class Ear extends TestSink {
  interrupted = false;

  interrupt = (): void => {
    this.interrupted = true;
    this.log.push("<interrupt>");
    this.attachment.closed("error");
  };

  /** The words that have come, and Sluice's own events by name; a position goes without saying. */
  get heard(): string[] {
    const words = this.log.map((text) => /"text":"([^"]*)"/.exec(text)?.[1] ?? text);
    return words.map(brief).filter((word) => word !== "<position>");
  }

  leave(): void {
    this.attachment.closed("client");
  }
}

function brief(word: string): string {
  const [, name, reason] = /^event: sluice\.(\w+)[^]*?(?:"reason":"(\w+)".*)?$/.exec(word) ?? [];
  if (name === undefined) return word;
  return reason === undefined ? `<${name}>` : `<${name} ${reason}>`;
}

/** Listens to a run, as a connection whose head is out. */
export function listen(source: RunSource, lastEventId?: string): Ear {
  const ear = new Ear();
  ear.lastEventId = lastEventId;
  ear.attachment = source[ATTACH](ear);
  ear.drain();
  return ear;
}

/**
 * Listens to a run, as a connection does whose head is held back until the run has begun well.
 *
 * @throws what the run fails with before
 */
export async function connect(source: RunSource, within = 1_000): Promise<Ear> {
  const ear = new Ear();
  ear.attachment = source[ATTACH](ear);
  try {
    await ear.attachment.opening?.(within);
  } catch (error) {
    ear.attachment.closed("error");
    throw error;
  }
  ear.drain();
  return ear;
}

/** Resolves when what happens without waiting for anything outside has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

/** Time stands still, but for the turns of the event loop; it goes on by itself when the test is over. */
export function stopTime(): void {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
  onTestFinished(() => void vi.useRealTimers());
}

/** Lets time pass, and then what happens at that time happen. */
export async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
  await settled();
}
