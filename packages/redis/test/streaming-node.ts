import type { ChildProcess } from "node:child_process";
import type { AddressInfo } from "node:net";
import type { RedisNodesOptions } from "../src/index.js";
import { startProgram } from "./program.js";

/** A node of an application in a process of its own. */
export interface StreamingNode extends AsyncDisposable {
  readonly origin: string;
  readonly process: ChildProcess;
}

/** Starts `programs/streaming-node.ts`. */
export async function startNode(options: RedisNodesOptions): Promise<StreamingNode> {
  const program = await startProgram("streaming-node", options);
  const address = (await program.ready) as AddressInfo;
  return { ...program, origin: `http://127.0.0.1:${address.port}` };
}
