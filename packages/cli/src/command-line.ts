import { parseArgs } from "node:util";
import type { ReconnectOptions } from "@sluice/client";
import { COLOUR_CHOICES, type ColourChoice } from "./colours.js";
import { parseDuration } from "./duration.js";
import { parseHeader } from "./header.js";
import { parsePath } from "./latency.js";
import { OPTIONS } from "./options.js";
import { hider } from "./secrets.js";
import { parseTarget } from "./target.js";
import { TIME_FORMS, type TimeForm } from "./time-column.js";
import { UsageError } from "./usage-error.js";

/** How an event is written. */
export type Form = "line" | "full" | "pretty" | "json" | "raw";

/** What `sluice tail` is asked to do. Times are in milliseconds. */
export interface TailSettings {
  readonly url: string;
  /** What may be shown of the URL. */
  readonly shown: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  /** What `--post` says. */
  readonly post: string | undefined;
  readonly lastEventId: string;
  /** The names that are wanted; undefined for all. */
  readonly events: ReadonlySet<string> | undefined;
  readonly form: Form;
  readonly time: TimeForm;
  readonly count: number;
  readonly timeout: number | undefined;
  readonly untilComplete: boolean;
  readonly reconnect: boolean | ReconnectOptions;
  readonly silence: number | false | undefined;
  readonly latencyField: readonly string[] | undefined;
  readonly colour: ColourChoice;
  readonly quiet: boolean;
  /** Takes what must not be shown out of a text. */
  readonly hide: (text: string) => string;
}

export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | { readonly name: "tail"; readonly settings: TailSettings };

/**
 * Reads the arguments that stand behind the program's name.
 *
 * @throws UsageError
 */
export function parseCommandLine(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true || positionals[0] === "help") return { name: "help" };
  if (values.version === true) return { name: "version" };
  const [command, url, ...more] = positionals;
  if (command !== "tail") {
    throw new UsageError(command === undefined ? "no command" : "there is one command: tail");
  }
  if (url === undefined) throw new UsageError("no URL");
  if (more.length > 0) throw new UsageError("more than one URL: quote what has blanks in it");
  return { name: "tail", settings: readSettings(values, url) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
      allowNegative: true,
    });
  } catch (cause) {
    const [first = ""] = (cause as Error).message.split(/\.? To specify|\n/);
    throw new UsageError(first, { cause });
  }
}

type Values = ReturnType<typeof parse>["values"];

function readSettings(values: Values, text: string): TailSettings {
  const target = parseTarget(text);
  const headers = (values.header ?? []).map((header, index) => parseHeader(header, index + 1));
  const isAuthorized = headers.some(([name]) => name.toLowerCase() === "authorization");
  if (target.authorization !== undefined && !isAuthorized) {
    headers.push(["Authorization", target.authorization]);
  }
  const { post, timeout, silence } = values;
  const method = (values.method ?? (post === undefined ? "GET" : "POST")).toUpperCase();
  if (!/^[A-Z]+$/.test(method)) throw new UsageError("--method: expected a name such as PUT");
  if (post !== undefined && method === "GET") throw new UsageError("a GET has no body");
  const lastEventId = values["last-event-id"] ?? "";
  if (/[\u0000-\u001f\u007f]/.test(lastEventId)) {
    throw new UsageError("--last-event-id: an id has no control characters");
  }
  const field = values["latency-field"];
  return {
    url: target.url,
    shown: target.shown,
    method,
    headers,
    post,
    lastEventId,
    events: values.event === undefined ? undefined : new Set(values.event),
    form: readForm(values),
    time: oneOf(TIME_FORMS, values.time ?? "clock", "--time"),
    count: readCount(values.count, "--count") ?? Infinity,
    timeout: timeout === undefined ? undefined : parseDuration(timeout, "--timeout"),
    untilComplete: readUntilComplete(values),
    reconnect: readReconnect(values, method),
    silence: silence === undefined ? undefined : parseDuration(silence, "--silence") || false,
    latencyField: field === undefined ? undefined : parsePath(field),
    colour: oneOf(COLOUR_CHOICES, values.color ?? "auto", "--color"),
    quiet: values.quiet === true,
    hide: hider([...target.secrets, ...headers.map(([, value]) => value)]),
  };
}

function readForm(values: Values): Form {
  const forms = (["full", "pretty", "json", "raw"] as const).filter(
    (form) => values[form] === true,
  );
  const [form = "line", other] = forms;
  if (other !== undefined) throw new UsageError(`--${form} and --${other} exclude each other`);
  const rest = (["event", "count"] as const).find((name) => values[name] !== undefined);
  if (form === "raw" && rest !== undefined) {
    throw new UsageError(`--raw shows what comes, and can't be combined with --${rest}`);
  }
  return form;
}

function readUntilComplete(values: Values): boolean {
  const isWanted = values["until-complete"] === true;
  if (isWanted && values.count !== undefined) {
    throw new UsageError("--until-complete and --count exclude each other");
  }
  return isWanted;
}

/** As the client has it: a request that may change something isn't made again unless that is asked for. */
function readReconnect(values: Values, method: string): boolean | ReconnectOptions {
  const maxAttempts = readCount(values["max-attempts"], "--max-attempts");
  if (values.reconnect === false && maxAttempts !== undefined) {
    throw new UsageError("--no-reconnect and --max-attempts exclude each other");
  }
  if (maxAttempts !== undefined) return { maxAttempts };
  return values.reconnect ?? method === "GET";
}

function readCount(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`${option}: expected a number from 1`);
  return Number(text);
}

function oneOf<T extends string>(choices: readonly T[], text: string, option: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${option}: expected ${choices.join(", ")}`);
  return found;
}
