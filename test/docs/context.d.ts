// What the fragments in the documents leave out. Fragments are checked and never run.
import type { SourceItem } from "@sluice/core";
import type { FastifyInstance } from "fastify";
import "./sdks.js";

export declare const app: FastifyInstance;

export declare class RoomsController {
  join(room: string): AsyncIterable<SourceItem>;
}

export declare abstract class Store {
  abstract get(key: string): string | undefined;
}

export declare class MemoryStore extends Store {
  override get(key: string): string | undefined;
}

export declare class Client {
  constructor(url: unknown);
  close(): void;
}

interface Job {
  watch(signal: AbortSignal): AsyncIterable<number>;
}

interface Jobs {
  find(id: string): Promise<Job | undefined>;
}

/** The class around a method that stands alone. */
export declare class Fields {
  protected readonly jobs: Jobs;
  protected readings(signal: AbortSignal): AsyncIterable<SourceItem>;
}
