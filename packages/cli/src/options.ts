/** An option of `sluice tail`, as `parseArgs` takes it, with what the help says. */
interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
  /** What stands for its value in the help. */
  readonly value?: string;
  readonly help: string;
}

/** Every option, in the order of the help; the README's table has the same. */
export const OPTIONS = {
  header: {
    type: "string",
    short: "H",
    multiple: true,
    value: "'Name: value'",
    help: "send a header; repeatable",
  },
  post: {
    type: "string",
    short: "d",
    value: "DATA|@FILE|-",
    help: "send a body: as given, of a file, or of stdin; JSON is sent as JSON",
  },
  method: { type: "string", short: "X", value: "NAME", help: "GET; POST where there is a body" },
  "last-event-id": { type: "string", value: "ID", help: "resume after this event" },

  event: {
    type: "string",
    short: "e",
    multiple: true,
    value: "NAME",
    help: "this event only; repeatable",
  },
  json: { type: "boolean", short: "j", help: "a line of JSON for each event, for other programs" },
  full: { type: "boolean", help: "don't shorten lines to the width of the terminal" },
  pretty: { type: "boolean", short: "p", help: "data below its event, on lines of its own" },
  raw: { type: "boolean", help: "the stream as it is on the wire" },
  time: {
    type: "string",
    value: "FORM",
    help: "clock, iso, delta (since the event before) or none",
  },

  count: { type: "string", short: "n", value: "N", help: "end after N events" },
  timeout: { type: "string", value: "TIME", help: "end after this time, with 4" },
  "until-complete": { type: "boolean", help: "nothing but the stream's completion is a success" },
  reconnect: { type: "boolean", help: "come back when the stream is lost; --no-reconnect: don't" },
  "max-attempts": { type: "string", value: "N", help: "give up after N failed attempts in a row" },
  silence: {
    type: "string",
    value: "TIME",
    help: "take a silent connection for lost after this time; 0: never",
  },

  "latency-field": {
    type: "string",
    value: "PATH",
    help: "measure the latency from this field, such as data.at",
  },
  color: { type: "string", value: "WHEN", help: "auto, always or never" },
  quiet: { type: "boolean", short: "q", help: "nothing on stderr but errors" },
  help: { type: "boolean", short: "h", help: "this" },
  version: { type: "boolean", help: "the version" },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof OPTIONS;

/** How an option is written: `-H, --header 'Name: value'`. */
export function synopsis(name: OptionName): string {
  const { short, value }: Option = OPTIONS[name];
  const long = name === "reconnect" ? "--[no-]reconnect" : `--${name}`;
  return [
    short === undefined ? "" : `-${short}, `,
    long,
    value === undefined ? "" : ` ${value}`,
  ].join("");
}
