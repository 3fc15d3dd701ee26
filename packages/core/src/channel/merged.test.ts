import { ATTACH } from "../stream/push-source.js";
import { TestSink } from "../../test/test-sink.js";
import { afterEach, expect, it } from "vitest";
import { Channels } from "./channels.js";

const channels = new Channels();
afterEach(() => channels.dispose());

it("H7: a client whose merge has shrunk to one channel goes on where it was", async () => {
  const [a, b] = [channels.get("a"), channels.get("b")];
  const before = new TestSink();
  before.attachment = channels.merge(a, b)[ATTACH](before);
  before.drain();
  await a.publish("a1");
  await b.publish("b1");
  await new Promise(setImmediate);
  const lastEventId = before.events.at(-1)!.id;
  before.attachment.closed("client");
  await a.publish("a2");

  const after = new TestSink();
  after.lastEventId = lastEventId;
  after.attachment = channels.merge(a)[ATTACH](after);
  after.drain();
  expect(after.events.map(({ data }) => data)).toEqual(["a2"]);
  after.attachment.closed("client");
  expect(channels.active).toBe(0);
});
