import type { Socket } from "node:net";

/** Counts what clients missed or received twice of streams whose ids are 0, 1, 2 and so on. */
export class Ledger {
  lost = 0;
  doubled = 0;

  /** Reads along until the socket closes. */
  follow(socket: Socket): void {
    let next = 0;
    let rest = "";
    socket.on("data", (bytes: Buffer) => {
      const lines = (rest + bytes.toString("latin1")).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const id = /^id: (\d+)$/.exec(line)?.[1];
        if (id === undefined) continue;
        if (Number(id) < next) this.doubled++;
        else this.lost += Number(id) - next;
        next = Math.max(next, Number(id) + 1);
      }
    });
  }
}
