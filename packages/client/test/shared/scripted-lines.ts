import type { LineTarget, Message, OpenLine } from "../../src/line.js";

/** A connection whose messages a test writes. */
export interface ScriptedLine {
  readonly target: LineTarget;
  isClosed: boolean;
  /** Has messages come together. */
  send(...messages: readonly Message[]): void;
}

/** The connections that a tab has opened. */
export class ScriptedLines {
  readonly all: ScriptedLine[] = [];

  readonly open: OpenLine = (target) => {
    const line: ScriptedLine = {
      target,
      isClosed: false,
      send(...messages) {
        for (const message of messages) void target.take(message);
      },
    };
    this.all.push(line);
    return { close: () => void (line.isClosed = true) };
  };

  /** Those that are not closed. */
  get live(): ScriptedLine[] {
    return this.all.filter(({ isClosed }) => !isClosed);
  }
}
