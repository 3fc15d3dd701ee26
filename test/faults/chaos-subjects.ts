import "reflect-metadata";
import { type Channel, Channels, Controller, LastEventId, Param, Signal, Sse } from "@sluice/core";
import type { Subject } from "./witness.js";

/** The events of all channels. */
export interface Payload {
  readonly channel: string;
  readonly publisher: string;
  readonly seq: number;
  readonly filling: string;
}
export type ChaosEvents = { chaos: Payload };

export const CHANNELS = ["red", "green", "blue", "amber"] as const;

/** What can be listened to, with the path that it is under. */
export interface ServedSubject extends Subject {
  readonly path: string;
}

const ALL = { maySkip: false, passes: () => true };
const SETS = [["red", "green"], ["green", "blue", "amber"], [...CHANNELS]] as const;

export const SUBJECTS: readonly ServedSubject[] = [
  ...CHANNELS.map((name) => ({ ...ALL, path: `plain/${name}`, channels: [name] })),
  { ...ALL, path: "plain/red", channels: ["red"] },
  { ...ALL, path: "yielded/red", channels: ["red"] },
  { ...ALL, path: "yielded/green", channels: ["green"] },
  { ...ALL, path: "skip/red", channels: ["red"], maySkip: true },
  { ...ALL, path: "latest/red", channels: ["red"], maySkip: true },
  { ...ALL, path: "odd/blue", channels: ["blue"], passes: isOdd },
  ...SETS.map((set) => ({ ...ALL, path: `merged/${set.join("+")}`, channels: set })),
  { ...ALL, path: "odd-merged/red+blue", channels: ["red", "blue"], passes: isOdd },
  { ...ALL, path: "skip-merged/red+blue", channels: ["red", "blue"], maySkip: true },
];

@Controller("chaos")
export class ChaosController {
  constructor(private readonly channels: Channels) {}

  @Sse("plain/:names")
  plain(@Param("names") names: string) {
    return this.#of(names)[0]!;
  }

  @Sse("yielded/:names")
  async *yielded(
    @Param("names") names: string,
    @Signal() signal: AbortSignal,
    @LastEventId() lastEventId?: string,
  ) {
    yield* this.#of(names)[0]!.subscribe({ lastEventId, signal });
  }

  @Sse("skip/:names")
  skip(@Param("names") names: string) {
    return this.#of(names)[0]!.subscribe({ overflow: "skip" });
  }

  @Sse("latest/:names")
  latest(@Param("names") names: string) {
    return this.#of(names)[0]!.subscribe({ overflow: "latest" });
  }

  @Sse("odd/:names")
  odd(@Param("names") names: string) {
    return this.#of(names)[0]!.subscribe({ filter: isOddEvent });
  }

  @Sse("merged/:names")
  merged(@Param("names") names: string) {
    return this.channels.merge(...this.#of(names));
  }

  @Sse("odd-merged/:names")
  oddMerged(@Param("names") names: string) {
    return this.channels.merge(...this.#of(names)).subscribe({ filter: isOddEvent });
  }

  @Sse("skip-merged/:names")
  skipMerged(@Param("names") names: string) {
    return this.channels.merge(...this.#of(names)).subscribe({ overflow: "skip" });
  }

  #of(names: string): Channel<ChaosEvents>[] {
    return names.split("+").map((name) => this.channels.get<ChaosEvents>(name));
  }
}

function isOdd(data: string): boolean {
  return isOddEvent({ data: JSON.parse(data) as unknown });
}

function isOddEvent({ data }: { readonly data?: unknown }): boolean {
  return (data as Payload).seq % 2 === 1;
}
