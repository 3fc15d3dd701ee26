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
  type SseOptions,
} from "@sluice/core";
import { type SseTestClient, testSse } from "@sluice/testing";
import type { FastifyInstance } from "fastify";
import { vi } from "vitest";
import { Part, type Words } from "../../core/test/part.js";
import type { SluiceOptions } from "../src/index.js";
import { makeApp, serve } from "./app.js";

/** One run, with what its handler was given. */
export class RunPart extends Part {
  readonly key: string;
  readonly context: Context;

  constructor(key: string, signal: AbortSignal, context: Context) {
    super(signal);
    this.key = key;
    this.context = context;
  }
}

/** An application whose `POST /words/:key` starts a run, or joins it; `GET` follows it. */
export interface Stage {
  readonly app: FastifyInstance;
  readonly runs: Runs;
  /** Of each run that was started. */
  readonly parts: RunPart[];
  /** The newest part, once there are so many. */
  part(count?: number): Promise<RunPart>;
  post(key: string, options?: Parameters<typeof testSse>[2]): Promise<SseTestClient<Words>>;
  get(key: string, options?: Parameters<typeof testSse>[2]): Promise<SseTestClient<Words>>;
}

export interface WordsOptions {
  readonly run?: Partial<RunOptions>;
  readonly sse?: SseOptions;
  readonly plugin?: Omit<SluiceOptions, "controllers">;
  readonly app?: FastifyInstance;
  /** Called before the first step of each run. */
  readonly begin?: (part: RunPart) => void;
}

export async function serveWords({
  run,
  sse,
  plugin,
  app = makeApp(),
  begin,
}: WordsOptions = {}): Promise<Stage> {
  const parts: RunPart[] = [];
  let runs!: Runs;

  @Controller("words")
  class WordsController {
    constructor(injected: Runs) {
      runs = injected;
    }

    @Run({ key: (ctx) => ctx.params["key"]!, attach: true, ...run })
    @Sse(":key", { method: "POST", openWithin: 20, ...sse })
    words(@Param("key") key: string, @Signal() signal: AbortSignal, @Ctx() context: Context) {
      const part = new RunPart(key, signal, context);
      parts.push(part);
      begin?.(part);
      return part.play();
    }
  }

  // Runs that a test leaves behind are not waited for.
  await serve(WordsController, { drainWindow: 50, ...plugin }, app);
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
