import "reflect-metadata";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Controller, Param, Signal, Sse } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { watchLeaks } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { countDescriptors, descriptorsSince } from "./descriptors.js";
import { EventLines } from "./event-stream.js";
import { watchMemory } from "./memory.js";
import { settled } from "./settled.js";

export interface SessionReport {
  /** Generators that ended when the client reset some of its streams: these, and no others. */
  readonly afterReset: Ends;
  /** When it said, without an error, that it begins no more streams. */
  readonly afterGoaway: Ends;
  /** When it said so with an error. */
  readonly afterError: Ends;
  /** When the server closed: streams that ended as they should, without a reset. */
  readonly afterClose: Ends & { readonly clean: number; readonly goaway: number | undefined };
  readonly lost: number;
  readonly doubled: number;
  readonly leaked: readonly string[];
  readonly rejections: readonly unknown[];
  readonly peakMemory: number;
}

/** How many generators have ended, and how many clients still get events. */
export interface Ends {
  readonly ended: readonly number[];
  readonly flowing: number;
}

/** A stream of a session, and what came by it. */
interface Heard {
  readonly stream: ClientHttp2Stream;
  next: number;
  lost: number;
  doubled: number;
  /** It ended, as it should. */
  whole: boolean;
}

/** Opens many streams on each of some sessions, and ends them in different ways. */
export async function http2Session(streams: number, resets: number): Promise<SessionReport> {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  const ended = new Set<number>();

  @Controller("numbered")
  class NumberedController {
    @Sse(":stream")
    async *numbers(@Param("stream") stream: number, @Signal() signal: AbortSignal) {
      try {
        for (let seq = 0; ; seq++) {
          yield { id: String(seq), data: seq };
          await delay(5, undefined, { signal });
        }
      } finally {
        ended.add(stream);
      }
    }
  }

  const descriptors = countDescriptors();
  using leaks = watchLeaks();
  using memory = watchMemory();
  const app = Fastify({ http2: true }) as unknown as FastifyInstance;
  await app.register(sluice, { controllers: [NumberedController] });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const all: Heard[] = [];
  const open = async (): Promise<{ session: ClientHttp2Session; heard: Heard[] }> => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on("error", () => {});
    ended.clear();
    const heard = Array.from({ length: streams }, (_, n) => hear(session, `/numbered/${n}`));
    all.push(...heard);
    await settled(() => heard.every(({ next }) => next > 3), 10_000);
    return { session, heard };
  };

  const first = await open();
  for (let n = 0; n < resets; n++) first.heard[n * 3]!.stream.close(constants.NGHTTP2_CANCEL);
  await settled(() => ended.size >= resets, 5_000);
  const afterReset = await endsOf(ended, first.heard);
  ended.clear();
  first.session.goaway();
  const afterGoaway = await endsOf(ended, first.heard);
  first.session.destroy();
  await settled(() => ended.size >= streams - resets, 5_000);

  const second = await open();
  second.session.goaway(constants.NGHTTP2_PROTOCOL_ERROR);
  await settled(() => ended.size >= streams, 5_000);
  const afterError = await endsOf(ended, second.heard);
  second.session.destroy();

  const third = await open();
  let goaway: number | undefined;
  third.session.on("goaway", (code: number) => void (goaway = code));
  const closed = once(third.session, "close");
  await app.close();
  await closed;
  const clean = third.heard.filter(({ stream, whole }) => whole && stream.rstCode === 0).length;
  const afterClose = { ...(await endsOf(ended, third.heard)), clean, goaway };

  const left = await descriptorsSince(descriptors);
  const found = await leaks.verify(5_000).then(
    () => "",
    (error: unknown) => String(error),
  );
  process.off("unhandledRejection", onRejection);
  return {
    afterReset,
    afterGoaway,
    afterError,
    afterClose,
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
    doubled: all.reduce((sum, { doubled }) => sum + doubled, 0),
    leaked: [found, left > 0 ? `${left} descriptor(s)` : ""].filter(Boolean),
    rejections,
    peakMemory: memory.peak,
  };
}

function hear(session: ClientHttp2Session, path: string): Heard {
  const stream = session.request({ ":path": path });
  const heard: Heard = { stream, next: 0, lost: 0, doubled: 0, whole: false };
  const lines = new EventLines();
  stream.on("error", () => {});
  stream.on("end", () => (heard.whole = true));
  stream.on("data", (bytes: Buffer) => {
    for (const { data } of lines.push(bytes.toString("latin1"))) {
      const seq = Number(data);
      if (seq < heard.next) heard.doubled++;
      else heard.lost += seq - heard.next;
      heard.next = seq + 1;
    }
  });
  return heard;
}

/** Who has ended by now, and who still gets events. */
async function endsOf(ended: ReadonlySet<number>, heard: readonly Heard[]): Promise<Ends> {
  const before = heard.map(({ next }) => next);
  const flowing = (): number => heard.filter(({ next }, n) => next >= before[n]! + 3).length;
  await settled(() => flowing() >= heard.length - ended.size, 2_000);
  return { ended: [...ended].toSorted((a, b) => a - b), flowing: flowing() };
}
