import { MemoryBroker, type Publication, SluiceError } from "@sluice/core";

/** A memory broker that can be kept from storing anything. */
export class BreakableBroker extends MemoryBroker {
  #isBroken = false;

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** @returns what mends it */
  break(): () => void {
    this.#isBroken = true;
    return () => (this.#isBroken = false);
  }

  override publish(publication: Publication): string {
    return this.#isBroken ? this.refuse(publication) : super.publish(publication);
  }

  refuse({ channel }: Publication): string {
    throw new SluiceError("ERR_NOT_STORED", `Nothing is stored in ${channel}.`);
  }

  /** Stores although it is broken. */
  protected store(publication: Publication): string {
    return super.publish(publication);
  }
}
