import { type Body, readBody } from "./body.js";
import { hasColours, painter } from "./colours.js";
import type { TailSettings } from "./command-line.js";
import type { Ending } from "./ending.js";
import { exitCodeOf } from "./exit-code.js";
import { lastWords } from "./last-words.js";
import { Narrator } from "./narrator.js";
import { Output } from "./output.js";
import type { Result, Surroundings } from "./run.js";
import { showEvents } from "./show-events.js";
import { Statistics } from "./statistics.js";
import { StatusLine } from "./status-line.js";
import { tail } from "./tail.js";
import { timeText } from "./time-column.js";

/** How often the status line is drawn, in milliseconds. */
const PERIOD = 250;

/** Follows a stream as the settings say, and shows it. */
export async function runTail(
  settings: TailSettings,
  surroundings: Surroundings,
  stop: AbortSignal,
): Promise<Result> {
  const { hide, post, quiet, timeout, untilComplete } = settings;
  const { stdout, stderr, env } = surroundings;
  let body: Body | undefined;
  if (post !== undefined) body = await readBody(post, surroundings.stdin);

  const own = new AbortController();
  /** What has become of the output, if anything has. */
  let outage: Ending | undefined;
  const ended = own.signal;
  const interrupt = (): void => {
    const signal = stop.reason === "SIGINT" ? "SIGINT" : "SIGTERM";
    own.abort({ why: "signal", signal } satisfies Ending);
  };
  stop.addEventListener("abort", interrupt);
  if (stop.aborted) interrupt();
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    const hasLeft = error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
    outage ??= hasLeft ? { why: "reader" } : { why: "output", error };
    own.abort(outage);
  });
  // Without anyone to tell there is nothing to tell.
  stderr.on("error", () => {});
  const timer =
    timeout && setTimeout(() => own.abort({ why: "timeout" } satisfies Ending), timeout);

  const paint = painter(hasColours(settings.colour, stderr, env));
  const output = new Output(stdout, stderr, ended);
  const statistics = new Statistics();
  const narrator = new Narrator(
    (text) => {
      if (quiet) return;
      const time = timeText(settings.time, Date.now(), undefined);
      output.tell(paint("dim", `${time === "" ? "" : `${time}  `}* ${hide(text)}`));
    },
    settings.shown,
    settings.lastEventId,
  );
  const hasStatus = stderr.isTTY === true && !quiet && env["TERM"] !== "dumb";
  const status = new StatusLine();
  const redraw = (): void => {
    const columns = (stderr.columns || 80) - 1;
    output.status(paint("dim", status.write(statistics, narrator.standing, columns)));
  };
  const redrawing = hasStatus ? setInterval(redraw, PERIOD) : undefined;

  const sink = showEvents(settings, output, surroundings);
  const told = { sink, narrator, statistics, stop: ended };
  let ending = await tail(settings, body, told);
  clearInterval(redrawing);
  output.status("");
  // Only now it is known whether all of it could be written.
  await output.flush();
  ending = outage ?? ending;
  const { summary, failure } = lastWords(ending, { settings, statistics, narrator });
  if (!quiet) for (const line of summary) output.tell(paint("dim", hide(line)));
  if (failure !== undefined) output.tell(paint("red", `sluice: ${hide(failure)}`));
  await output.flush();
  clearTimeout(timer);
  stop.removeEventListener("abort", interrupt);
  const code = exitCodeOf(ending, untilComplete);
  return ending.why === "signal" ? { code, signal: ending.signal } : { code };
}
