import { type Channel, Channels, Controller, Param, Sse, type SseEvents } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import type { FastifyInstance } from "fastify";
import { Sources, tick, type Tick, type TickEvent } from "./sources.js";

type Ticks = { tick: Tick };

const channels = new Channels();
const fan = channels.get<Ticks>("fan");
const history = channels.get<Ticks>("history", { history: { count: 10_000, bytes: 16_777_216 } });

/** Sluice as its users write it. */
@Controller("sluice")
class CheckController {
  constructor(private readonly sources: Sources) {}

  @Sse("fan")
  fan(): Channel<Ticks> {
    return fan;
  }

  @Sse("replay")
  replay(): Channel<Ticks> {
    return history;
  }

  @Sse("paced/:burst")
  paced(@Param("burst") burst: number): SseEvents<Ticks> {
    return this.sources.paced(burst);
  }

  @Sse("first")
  first(): SseEvents<Ticks> {
    return this.sources.first();
  }
}

/** Sluice's side of the comparison. */
export async function addSluice(app: FastifyInstance, sources: Sources): Promise<void> {
  await app.register(sluice, {
    controllers: [CheckController],
    providers: [
      { provide: Channels, useValue: channels },
      { provide: Sources, useValue: sources },
    ],
  });
}

/** Sends an event to everyone on `/sluice/fan`. */
export function publish(event: TickEvent): void {
  void fan.publish(event);
}

/** Puts so many events into the history; gives their ids. */
export async function fill(events: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < events; n++) ids.push((await history.publish(tick(n))).id);
  return ids;
}
