import {
  type Broker,
  type Follower,
  type Following,
  type Page,
  type Publication,
  type RunStore,
} from "@sluice/core";

/** A broker that hands everything on to another, and counts what is published. */
export class Traffic implements Broker {
  /** How many events have been published, since the start. */
  published = 0;
  /** Runs are to be known for as long as their events are. */
  readonly runs?: RunStore;

  constructor(private readonly broker: Broker) {
    if (broker.runs !== undefined) this.runs = broker.runs;
  }

  publish(publication: Publication): string | Promise<string> {
    this.published++;
    return this.broker.publish(publication);
  }

  follow(channel: string, follower: Follower): Following | Promise<Following> {
    return this.broker.follow(channel, follower);
  }

  read(
    channel: string,
    after: string,
    through: string | undefined,
    bytes: number,
  ): Page | Promise<Page> {
    return this.broker.read(channel, after, through, bytes);
  }

  rewind(channel: string, count: number, from: string): string | Promise<string> {
    return this.broker.rewind(channel, count, from);
  }

  close(): void | Promise<void> {
    return this.broker.close();
  }
}
