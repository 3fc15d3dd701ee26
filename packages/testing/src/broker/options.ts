import type { Broker } from "@sluice/core";

/** Makes that a broker can store again. */
export type Mend = () => void | Promise<void>;

/** What a broker is, for {@link brokerConformance}. */
export interface BrokerConformanceOptions<B extends Broker = Broker> {
  /** Makes an empty broker. Several may be open at once; none sees what another stores. */
  readonly open: () => B | Promise<B>;
  /**
   * Closes a broker and opens it again on the same data. Leave it out for a broker that forgets.
   *
   * @returns the broker to go on with
   */
  readonly reopen?: (broker: B) => B | Promise<B>;
  /**
   * Lets time pass for the broker, in milliseconds. Without it, histories have a short age, and what
   * becomes of them is waited for.
   */
  readonly advance?: (ms: number) => void | Promise<void>;
  /**
   * Makes that nothing more can be stored, until the function that it gives is called. Leave it out for
   * a broker that can't fail.
   */
  readonly breakStore?: (broker: B) => Mend | Promise<Mend>;
  /**
   * Resolves when everything that will be told has been told. Without it, an entry of another channel
   * is published and waited for.
   */
  readonly settle?: (broker: B) => void | Promise<void>;
  /**
   * The broker may tell entries late, twice, out of order or not at all. Then only what is told, and
   * that it can be read, is checked. Otherwise each entry must be told once and in order.
   * @defaultValue false
   */
  readonly lossy?: boolean;
  /**
   * The broker returns its results and no promises.
   * @defaultValue false
   */
  readonly synchronous?: boolean;
  /**
   * How long to wait for what must come, in milliseconds.
   * @defaultValue 5,000
   */
  readonly timeout?: number;
  /**
   * Where the random walks begin. Another seed takes other ways.
   * @defaultValue 1
   */
  readonly seed?: number;
  /**
   * How many random walks there are, each on a broker of its own.
   * @defaultValue 20
   */
  readonly walks?: number;
}

/** The options with their defaults. */
export interface Settings extends BrokerConformanceOptions {
  readonly lossy: boolean;
  readonly synchronous: boolean;
  readonly timeout: number;
  readonly seed: number;
  readonly walks: number;
}

export function toSettings<B extends Broker>(options: BrokerConformanceOptions<B>): Settings {
  return {
    lossy: false,
    synchronous: false,
    timeout: 5_000,
    seed: 1,
    walks: 20,
    // The suite gives back to these what `open` and `reopen` made.
    ...(options as unknown as BrokerConformanceOptions),
  };
}
