import { load, store } from "./stored.js";

const STORED = "sluice-chat";

/** So many questions are kept. */
const MOST = 20;

/** How an answer has ended, and what it was then. */
export interface Ending {
  readonly how: "done" | "stopped" | "failed";
  readonly text: string;
  readonly tokens: number;
}

/** A question. It has no ending while its answer is on its way. */
export interface Turn {
  /** Names the answer, here and on the server. */
  readonly id: string;
  readonly prompt: string;
  readonly ending?: Ending;
}

/** The questions that were asked in this browser, the same in all of its tabs. */
export class Thread {
  #turns: readonly Turn[] = read();
  readonly #asked = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor() {
    addEventListener("storage", ({ key }) => {
      if (key !== STORED && key !== null) return;
      this.#turns = read();
      this.#tell();
    });
  }

  readonly turns = (): readonly Turn[] => this.#turns;

  readonly listen = (onChange: () => void): (() => void) => {
    this.#listeners.add(onChange);
    return () => void this.#listeners.delete(onChange);
  };

  /** Whether it was this page that asked: not another tab, and not before a reload. */
  hasAsked(id: string): boolean {
    return this.#asked.has(id);
  }

  /** @returns the new turn's id */
  ask(prompt: string): string {
    const id = this.#newId();
    this.#set([...this.#turns, { id, prompt }]);
    return id;
  }

  /** Asks the same again, which makes another answer. @returns the new turn's id */
  retry(id: string): string {
    const again = this.#newId();
    this.#replace(id, ({ prompt }) => ({ id: again, prompt }));
    return again;
  }

  end(id: string, ending: Ending): void {
    this.#replace(id, (turn) => ({ ...turn, ending }));
  }

  clear(): void {
    this.#set([]);
  }

  #newId(): string {
    const id = crypto.randomUUID();
    this.#asked.add(id);
    return id;
  }

  #replace(id: string, change: (turn: Turn) => Turn): void {
    this.#set(this.#turns.map((turn) => (turn.id === id ? change(turn) : turn)));
  }

  #set(turns: readonly Turn[]): void {
    this.#turns = turns.slice(-MOST);
    store(STORED, this.#turns);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function read(): readonly Turn[] {
  const stored = load(STORED);
  return Array.isArray(stored) ? stored.filter((turn) => isTurn(turn)) : [];
}

function isTurn(value: unknown): value is Turn {
  if (typeof value !== "object" || value === null) return false;
  return (
    "id" in value &&
    typeof value.id === "string" &&
    "prompt" in value &&
    typeof value.prompt === "string"
  );
}
