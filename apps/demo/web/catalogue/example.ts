import type { SourceFile } from "../view/code.js";

/** A value that the visitor may change. It fills `{name}` in paths, headers and bodies. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  /** Makes it a choice. */
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

export type Values = Readonly<Record<string, string>>;

/** A form that calls the server while the stream runs. It fills in the values of the stream's fields too. */
export interface Call {
  readonly label: string;
  readonly path: string;
  readonly fields: readonly Field[];
  readonly headers?: Readonly<Record<string, string>>;
  /** The JSON body. @defaultValue the form's fields as an object */
  readonly body?: (values: Values) => unknown;
  /** The field that is emptied when the server has taken what it holds. */
  readonly clears?: string;
  /** A second button, which sends these values in place of what the fields hold. */
  readonly instead?: { readonly label: string; readonly values: Values };
  /** Says what the server answered. */
  readonly describe: (
    answer: Readonly<Record<string, unknown>>,
    /** Which node has answered, where there are several. */
    node?: string,
  ) => string;
}

/** What a visitor can try with a stream that resumes. */
export interface Resumes {
  /**
   * The values with which the n-th of a series is published, given those of the stream; without it
   * nothing can be.
   */
  readonly burst?: (n: number, values: Values) => Values;
}

/** One endpoint of the gallery. */
export interface Example {
  /** Unique on the page; the anchor of the card. */
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly source: SourceFile;
  /** The path, with `{field}` where a field's value goes. */
  readonly path: string;
  /** The names of its events beside `message`; EventSource must be told, Sluice's client need not. */
  readonly events?: readonly string[];
  readonly fields?: readonly Field[];
  /** Sluice's client follows it, in place of the browser's EventSource, and one connection is enough. */
  readonly client?: {
    /** What connects, and draws what comes. */
    readonly view: "answer" | "dashboard" | "inbox" | "lock" | "room";
    /** The code that connects. */
    readonly source: SourceFile;
    /** The tabs of a browser can share its connection. */
    readonly canShare?: true;
    /** The client's code is what one sees first. */
    readonly isFirst?: true;
  };
  /** The stream answers a POST, with this body. EventSource can't do that: it needs a `client`. */
  readonly body?: (values: Values) => Readonly<Record<string, unknown>>;
  /** Headers for curl and what uses fetch. EventSource can't send any; it then uses `browserPath`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly browserPath?: string;
  readonly call?: Call;
  /** Runs before the stream starts; what it returns fills the path too. */
  readonly prepare?: () => Promise<Values>;
  /** Shows a button that cuts the connection on the server's side. */
  readonly cut?: boolean;
  /** Channels give its events ids: the card shows which of them were replayed, and how to come back. */
  readonly resumes?: Resumes;
  /** What draws the events, beside the logs. */
  readonly visual?: "metrics" | "progress";
}

/** Puts values into a path, each encoded. */
export function fillPath(template: string, values: Values): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? ""),
  );
}

/** Puts values into a text as they are. */
export function fillText(template: string, values: Values): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

/** The values that fields have before anyone changes them. */
export function initialValues(fields: readonly Field[] = []): Values {
  return Object.fromEntries(fields.map((field) => [field.name, field.value]));
}

/** The command that shows the same stream in a terminal. */
export function curlCommand(example: Example, values: Values, origin: string): string {
  const parts = ["curl", "-N"];
  for (const [name, value] of Object.entries(example.headers ?? {})) {
    parts.push("-H", shellQuote(`${name}: ${fillText(value, values)}`));
  }
  if (example.body !== undefined) {
    parts.push("-H", shellQuote("Content-Type: application/json"));
    parts.push("-d", shellQuote(JSON.stringify(example.body(values))));
  }
  parts.push(shellQuote(origin + fillPath(example.path, values)));
  return parts.join(" ");
}

function shellQuote(text: string): string {
  return /^[\w:/.,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
