import { onTestFinished } from "vitest";
import type { EventMap, ReceivedEvent, SseClient } from "../src/index.js";
import { Inbox } from "./told.js";

/** Hears every event of a client, which is closed with the test. */
export function hear<M extends EventMap>(client: SseClient<M>): Inbox<ReceivedEvent<M>> {
  const inbox = new Inbox<ReceivedEvent<M>>();
  client.on(inbox.put);
  void settled(client);
  return inbox;
}

/** Closes a client with its test. Gives the error that it ends with, if there is one. */
export function settled<M extends EventMap>(client: SseClient<M>): Promise<unknown> {
  onTestFinished(client.close);
  return client.closed.then(
    () => undefined,
    (error: unknown) => error,
  );
}
