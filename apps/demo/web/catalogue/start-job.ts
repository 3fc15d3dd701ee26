import type { Values } from "./example.js";

/** Starts a job on the server. @returns its id, as the value `jobId` */
export async function startJob(): Promise<Values> {
  const response = await fetch("/jobs", { method: "POST" });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const { jobId } = (await response.json()) as { jobId: string };
  return { jobId };
}
