import { OPTIONS, type OptionName, synopsis } from "./options.js";

const HEAD = `Usage: sluice tail [options] URL

Follows a stream of server-sent events: one line an event on stdout, what happens
besides on stderr. It comes back when the stream is lost, and ends when it is complete.
`;

const FOOT = `
A TIME is 30s, 500ms, 5m or 2h; a number alone is seconds.
A URL may leave out http:// and localhost: ":3000/news".

Exit codes: 0 complete, or as many events as asked for
            1 refused, or no stream
            2 the command is wrong
            3 not reached or lost, and given up
            4 --timeout has passed
            5 the server says that the stream failed
            130 Ctrl-C, 143 SIGTERM
`;

/** What `--help` prints. */
export function help(): string {
  const names = Object.keys(OPTIONS) as OptionName[];
  const width = Math.max(...names.map((name) => indent(name).length));
  const lines = names.map((name) => `  ${indent(name).padEnd(width)}  ${OPTIONS[name].help}`);
  return `${HEAD}\n${lines.join("\n")}\n${FOOT}`;
}

/** Puts the long names one below the other. */
function indent(name: OptionName): string {
  const text = synopsis(name);
  return text.startsWith("--") ? `    ${text}` : text;
}
