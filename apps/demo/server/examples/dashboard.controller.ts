import { type Channel, Channels, Controller, Sse } from "@sluice/core";
import { Neighbours } from "../nodes/neighbours.js";
import { Vitals, type VitalSigns } from "./vitals.js";

type Events = { reading: VitalSigns };

const INTERVAL = 250;
/** How many readings nobody listened to before the timer stops: those who come back miss none. */
const MOST_UNHEARD = 60;

@Controller("dashboard")
export class DashboardController {
  readonly #readings: Channel<Events>;
  #timer: NodeJS.Timeout | undefined;
  #unheard = 0;

  constructor(
    channels: Channels,
    private readonly vitals: Vitals,
    private readonly neighbours: Neighbours,
  ) {
    this.#readings = channels.get<Events>("dashboard", {
      history: { count: 240, age: "1m" },
      // Each reading is all there is to know: who is slow needs the newest alone,
      overflow: "latest",
      // and who comes, or can't be resumed, gets it at once.
      snapshot: () => ({ event: "reading", data: this.vitals.latest() }),
    });
  }

  @Sse(undefined, { retry: "2s" })
  watch() {
    this.#unheard = 0;
    // One timer for everyone.
    this.#timer ??= setInterval(() => {
      this.#publish().catch((error: Error) => process.emitWarning(error));
    }, INTERVAL);
    // Each node publishes its own, and shows no other's.
    const { name } = this.neighbours;
    return this.#readings.subscribe(
      name === undefined ? {} : { filter: ({ data }) => data.node === name },
    );
  }

  async #publish() {
    this.#unheard = this.#readings.subscribers === 0 ? this.#unheard + 1 : 0;
    if (this.#unheard > MOST_UNHEARD) return this.dispose();
    await this.#readings.publish({ event: "reading", data: this.vitals.read() });
  }

  /** Called when the application ends. */
  dispose() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
