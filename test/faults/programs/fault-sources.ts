import { setTimeout as delay } from "node:timers/promises";
import {
  Body,
  Channels,
  type Context,
  Ctx,
  Controller,
  LastEventId,
  Param,
  Query,
  Signal,
  Sse,
  SseStream,
} from "@sluice/core";

/** What the sources of this process have done. */
export const sources = {
  started: 0,
  ended: 0,
  /** Requests that came, less those whose context nothing holds any more. */
  held: 0,
  channels: undefined as Channels | undefined,
};

const contexts = new FinalizationRegistry(() => void sources.held--);

function trace(context: Context): void {
  sources.held++;
  contexts.register(context, undefined);
}

/** A numbered event, as the crowd reads it. */
export function numbered(seq: number, filling: string) {
  const at = Math.round(performance.timeOrigin * 1_000 + performance.now() * 1_000);
  return { event: "load", data: { seq, at, filling } };
}

/** Numbered events from a channel, from a generator and from a stream that is pushed to. */
@Controller("faults")
export class FaultController {
  constructor(channels: Channels) {
    sources.channels = channels;
  }

  @Sse("channel/:name")
  channel(@Param("name") name: string, @Ctx() context: Context) {
    trace(context);
    return sources.channels!.get(name);
  }

  /** @param pace - milliseconds between two events; 0 for as fast as the client reads */
  @Sse("generator")
  async *generator(
    @Query("pace") pace: number,
    @Query("bytes") bytes: number,
    @LastEventId() lastEventId: string | undefined,
    @Signal() signal: AbortSignal,
    @Ctx() context: Context,
  ) {
    trace(context);
    const filling = "x".repeat(bytes);
    sources.started++;
    try {
      for (let seq = lastEventId === undefined ? 0 : Number(lastEventId) + 1; ; seq++) {
        yield { id: String(seq), ...numbered(seq, filling) };
        if (pace > 0) await delay(pace, undefined, { signal });
      }
    } finally {
      sources.ended++;
    }
  }

  @Sse("stream")
  stream(@Query("pace") pace: number, @Query("bytes") bytes: number, @Ctx() context: Context) {
    trace(context);
    const filling = "x".repeat(bytes);
    const stream = new SseStream({ overflow: "drop-oldest" });
    let seq = 0;
    sources.started++;
    const timer = setInterval(() => {
      stream.send({ id: String(seq), ...numbered(seq++, filling) });
    }, pace);
    stream.onClose(() => {
      clearInterval(timer);
      sources.ended++;
    });
    return stream;
  }

  /** The body is echoed once. */
  @Sse("posted", { method: "POST" })
  async *posted(@Body() body: unknown) {
    yield JSON.stringify(body);
  }

  /** One event, and then silence. */
  @Sse("quiet")
  async *quiet(@Signal() signal: AbortSignal, @Ctx() context: Context) {
    trace(context);
    sources.started++;
    try {
      yield { id: "0", ...numbered(0, "") };
      await delay(3_600_000, undefined, { signal });
    } finally {
      sources.ended++;
    }
  }
}
