import "reflect-metadata";
import {
  Controller,
  Ctx,
  type Context,
  Param,
  Run,
  type RunOptions,
  Runs,
  Signal,
  Sse,
  type SseEvents,
  type SseOptions,
} from "@sluice/core";
import { type SseTestClient, testSse } from "@sluice/testing";
import type { FastifyInstance } from "fastify";
import { vi } from "vitest";
import type { SluiceOptions } from "../src/index.js";
import { makeApp, serve } from "./app.js";

export type Words = { word: { text: string } };

/** One run, as its handler sees it; a test says what it does. */
export class Part {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly context: Context;
  /** How often its `finally` has run. */
  finals = 0;
  readonly #script: (string | Error | undefined)[] = [];
  #wake: (() => void) | undefined;

  constructor(key: string, signal: AbortSignal, context: Context) {
    this.key = key;
    this.signal = signal;
    this.context = context;
    signal.addEventListener("abort", () => this.#wake?.());
  }

  say(...words: readonly string[]): void {
    this.#do(...words);
  }

  end(): void {
    this.#do(undefined);
  }

  fail(error: Error): void {
    this.#do(error);
  }

  async *play(): SseEvents<Words> {
    try {
      while (!this.signal.aborted) {
        if (this.#script.length === 0) await new Promise<void>((wake) => (this.#wake = wake));
        if (this.#script.length === 0) continue;
        const next = this.#script.shift();
        if (next === undefined) return;
        if (typeof next !== "string") throw next;
        yield { event: "word", data: { text: next } };
      }
    } finally {
      this.finals++;
    }
  }

  #do(...steps: readonly (string | Error | undefined)[]): void {
    this.#script.push(...steps);
    this.#wake?.();
  }
}

/** An application whose `POST /words/:key` starts a run, or joins it; `GET` follows it. */
export interface Stage {
  readonly app: FastifyInstance;
  readonly runs: Runs;
  /** Of each run that was started. */
  readonly parts: Part[];
  /** The newest part, once there are so many. */
  part(count?: number): Promise<Part>;
  post(key: string, options?: Parameters<typeof testSse>[2]): Promise<SseTestClient<Words>>;
  get(key: string, options?: Parameters<typeof testSse>[2]): Promise<SseTestClient<Words>>;
}

export interface WordsOptions {
  readonly run?: Partial<RunOptions>;
  readonly sse?: SseOptions;
  readonly plugin?: Omit<SluiceOptions, "controllers">;
  readonly app?: FastifyInstance;
  /** Called before the first step of each run. */
  readonly begin?: (part: Part) => void;
}

export async function serveWords({
  run,
  sse,
  plugin,
  app = makeApp(),
  begin,
}: WordsOptions = {}): Promise<Stage> {
  const parts: Part[] = [];
  let runs!: Runs;

  @Controller("words")
  class WordsController {
    constructor(injected: Runs) {
      runs = injected;
    }

    @Run({ key: (ctx) => ctx.params["key"]!, attach: true, ...run })
    @Sse(":key", { method: "POST", openWithin: 20, ...sse })
    words(@Param("key") key: string, @Signal() signal: AbortSignal, @Ctx() context: Context) {
      const part = new Part(key, signal, context);
      parts.push(part);
      begin?.(part);
      return part.play();
    }
  }

  await serve(WordsController, plugin, app);
  const path = (key: string): string => `/words/${encodeURIComponent(key)}`;
  return {
    app,
    runs,
    parts,
    part: async (count = 1) => {
      await vi.waitFor(() => {
        if (parts.length < count) throw new Error(`${parts.length} of ${count} runs started`);
      });
      return parts[count - 1]!;
    },
    post: (key, options) => testSse<Words>(app, path(key), { method: "POST", ...options }),
    get: (key, options) => testSse<Words>(app, path(key), options),
  };
}

/** The words of events, with Sluice's own events by name and outcome. */
export function wordsOf(
  events: readonly { readonly event: string; readonly json: unknown }[],
): string[] {
  return events.map(({ event, json }) => {
    if (event === "word") return (json as { text: string }).text;
    return `<${event.slice("sluice.".length)} ${Object.values(json as object).at(-1)}>`;
  });
}
