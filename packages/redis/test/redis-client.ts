import { createClient } from "@redis/client";

export type Admin = Awaited<ReturnType<typeof connectAdmin>>;

/** A connection of the test's own, to look at a server and to spoil it. */
export async function connectAdmin(url: string) {
  const client = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  const send = (...command: string[]): Promise<unknown> => client.sendCommand(command);
  return {
    send,
    /** Sends a command, such as `"GET key"`; no argument may hold a space. */
    ask: (command: string): Promise<unknown> => send(...command.split(" ")),
    async info(section: string): Promise<ReadonlyMap<string, string>> {
      const text = String(await client.sendCommand(["INFO", section]));
      return new Map(
        text.split("\r\n").flatMap((line) => {
          const colon = line.indexOf(":");
          return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
        }),
      );
    },
    [Symbol.dispose]: () => client.destroy(),
  };
}
