import { connect } from "node:net";
import { CORPUS, type Malformed } from "./malformed-corpus.js";
import { countDescriptors } from "./descriptors.js";
import { leftOf } from "./left-of.js";
import { startProgram } from "./program.js";
import type { Crowd } from "./programs/crowd.js";
import type { FaultServer } from "./programs/fault-server.js";
import { mulberry32, pick } from "./random.js";
import { counted } from "./counted.js";

export interface MalformedReport {
  readonly requests: number;
  /** How the requests of the corpus were answered: a status, or `closed` without one. */
  readonly answers: Readonly<Record<string, number>>;
  /** Requests that were not answered as they should have been, by name and answer. */
  readonly wrong: readonly string[];
  /** Of clients that listened meanwhile. */
  readonly lost: number;
  readonly doubled: number;
  readonly published: number;
  readonly stayed: boolean;
  readonly leaked: readonly string[];
  readonly rejections: readonly string[];
  readonly peakMemory: number;
}

const PATH = "/faults/channel/main";
const LISTENERS = 5;
/** How long a server waits for the rest of a request, in milliseconds. */
const REQUEST_TIMEOUT = 1_000;
/** What a request that is no valid one may be answered. */
const REFUSALS = /^(4\d\d|501|505|closed)$/;
/** One that is changed at random may be valid still. */
const ANSWERS = /^(200|204|4\d\d|501|505|closed)$/;
const VALID = [
  "GET /faults/quiet HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\nlast-event-id: 1\r\n\r\n",
  "POST /faults/posted HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
] as const;

/**
 * Sends what is no request, and requests that are changed at random, to a server with clients.
 *
 * @param changed - how many of the latter
 */
export async function malformedRequests(changed: number, seed: number): Promise<MalformedReport> {
  const random = mulberry32(seed);
  await using server = await startProgram<FaultServer>("fault-server");
  await using crowd = await startProgram<Crowd>("crowd");
  const port = await server.call("listen", {
    requestTimeout: REQUEST_TIMEOUT,
    sluice: { logStreams: false },
  });
  const descriptors = countDescriptors(server.pid);
  await crowd.call("connect", port, PATH, LISTENERS);
  const published: string[] = [];
  const over = new AbortController();
  const publishing = (async () => {
    while (!over.signal.aborted) {
      published.push(...(await server.call("publish", "main", 1, 100)));
      await crowd.call("reached", published.length);
    }
  })();

  const answers: string[] = [];
  const wrong: string[] = [];
  await each(CORPUS, async ({ name, bytes, isAnswered = false, isTaken = false }: Malformed) => {
    const answer = await ask(port, bytes, isAnswered);
    answers.push(answer);
    const right = isAnswered ? /^closed$/ : isTaken ? ANSWERS : REFUSALS;
    if (!right.test(answer)) wrong.push(`${answer} ${name}`);
  });
  await each(Array.from({ length: changed }), async () => {
    const bytes = change(pick(VALID, random), random);
    const answer = await ask(port, bytes, false);
    if (!ANSWERS.test(answer)) wrong.push(`${answer} ${JSON.stringify(bytes)}`);
  });

  over.abort();
  await publishing;
  const { lost, doubled } = await crowd.call("verdict", PATH, published);
  const { open } = await crowd.call("fates");
  const peakMemory = await server.call("peak");
  await crowd.call("restart");
  const leaked = await leftOf(server, descriptors);
  const { rejections } = await server.call("state");
  await server.call("close");
  return {
    requests: CORPUS.length + changed,
    answers: counted(answers),
    wrong,
    lost,
    doubled,
    published: published.length,
    stayed: open === LISTENERS,
    leaked,
    rejections,
    peakMemory,
  };
}

/** Several at once. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined || left.length > 0; item = left.shift())
      await work(item as T);
  };
  await Promise.all(Array.from({ length: 40 }, worker));
}

/**
 * @param toEnd - the connection has to be closed, whatever comes before
 * @returns the status of the answer; `closed` without one, `silent` where nothing comes in time
 */
function ask(port: number, bytes: string, toEnd: boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const done = (answer: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(`silent after ${text.slice(0, 40)}`), REQUEST_TIMEOUT * 5);
    socket.on("error", () => {});
    socket.on("data", (read: Buffer) => {
      text += read.toString("latin1");
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
      if (!toEnd && status !== undefined) done(status);
    });
    socket.on("close", () => done("closed"));
    socket.write(bytes, "latin1");
  });
}

/** Changes, takes out or puts in some bytes. */
function change(text: string, random: () => number): string {
  let bytes = text;
  for (let n = 0; n <= random() * 3; n++) {
    const at = Math.floor(random() * bytes.length);
    const some = String.fromCharCode(Math.floor(random() * 256));
    const way = Math.floor(random() * 3);
    bytes = bytes.slice(0, at) + (way === 0 ? "" : some) + bytes.slice(way === 1 ? at : at + 1);
  }
  return bytes;
}
