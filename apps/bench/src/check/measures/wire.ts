import type { Measurement } from "../measurement.js";
import { startProgram } from "../start-program.js";
import { Visitor } from "../visitor.js";

/** The last bytes of a chunk that ends with an event. */
const END_OF_CHUNK = "\n\n\r\n";

/** How many bytes go over the wire, framing and all. */
export async function measureWire(): Promise<Measurement[]> {
  await using program = await startProgram("marks");
  const { port } = program;

  const listener = await Visitor.open(port, "/sluice/fan");
  const head = await listener.until("\r\n\r\n");
  const joined = await listener.until(END_OF_CHUNK, head);
  await program.call("publish", "sluice", 1, 1);
  const single = await listener.until(END_OF_CHUNK, joined);
  await program.call("publish", "sluice", 1, 5);
  const burst = await listener.until(END_OF_CHUNK, single);
  await listener.leave();

  const viewer = await Visitor.open(port, "/sluice/first");
  const opened = await viewer.until("\r\n\r\n");
  const generated = await viewer.until(END_OF_CHUNK, opened);
  await viewer.leave();

  return [
    bytes("the head of a stream", head),
    bytes("the position that a channel tells who joins", joined - head),
    bytes("an event of a channel", single - joined),
    bytes("an event of a channel, 5 a turn", (burst - single) / 5),
    bytes("an event of a generator", generated - opened),
  ];
}

function bytes(name: string, value: number): Measurement {
  return { name: `wire: ${name}`, unit: "bytes", value };
}
