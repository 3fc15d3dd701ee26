import { type Duration, SluiceError, toMilliseconds } from "@sluice/core";
import { type ClientOptions, newClient } from "./link.js";

/** Reads the options of a class, and says what is wrong with them. All methods throw SluiceError `ERR_OPTION`. */
export class OptionReader<O extends object> {
  readonly #name: string;
  readonly #options: O;

  /**
   * @param name - of the class, for messages
   * @param known - the names of its options
   */
  constructor(name: string, options: O, known: readonly string[]) {
    this.#name = name;
    this.#options = options;
    if (typeof options !== "object" || options === null) {
      throw this.refusal('takes an object, such as { url: "redis://localhost:6379" }');
    }
    const unknown = Object.keys(options).find((option) => !known.includes(option));
    if (unknown !== undefined) {
      throw this.refusal(`has no option ${JSON.stringify(unknown)}; it has ${known.join(", ")}`);
    }
  }

  /** @param what - it takes or needs */
  refusal(what: string): SluiceError {
    return new SluiceError("ERR_OPTION", `${this.#name} ${what}.`);
  }

  /**
   * A duration above 0, in milliseconds.
   *
   * @throws SluiceError `ERR_DURATION`
   */
  time(name: keyof O & string, otherwise: Duration): number {
    const given = this.#options[name] as Duration | undefined;
    const milliseconds = toMilliseconds(given ?? otherwise, `${this.#name}: ${name}`);
    if (milliseconds === 0) throw this.refusal(`takes more than 0 for ${name}`);
    return milliseconds;
  }

  /** @param unit - what there is a number of, as in " of bytes" */
  whole(name: keyof O & string, otherwise: number, unit = ""): number {
    const number = (this.#options[name] as number | undefined) ?? otherwise;
    if (Number.isSafeInteger(number) && number > 0) return number;
    throw this.refusal(`takes a whole number${unit} above 0 for ${name}`);
  }

  text(name: keyof O & string, otherwise: string): string {
    const text: unknown = this.#options[name] ?? otherwise;
    if (typeof text === "string") return text;
    throw this.refusal(`takes a string for ${name}`);
  }

  /** Refuses what the client of Redis would, here and not when it is first used: it will never work. */
  usable(url: string, client: ClientOptions): void {
    try {
      newClient(url, client).destroy();
    } catch (error) {
      // Its messages may hold the url, and the url a password.
      const message = error instanceof Error ? error.message.replaceAll(url, "url") : "";
      throw this.refusal(`can't be used with such options of the client: ${message}`);
    }
  }
}

/** Whether something may be the address of a server. */
export function isRedisUrl(url: unknown): url is string {
  return typeof url === "string" && /^rediss?:\/\/[^/]/.test(url) && URL.canParse(url);
}
