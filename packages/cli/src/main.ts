import { run } from "./run.js";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // The second one is not waited for.
  process.once(signal, () => stop.abort(signal));
}
const { code, signal } = await run(process.argv.slice(2), process, stop.signal);
process.exitCode = code;
// Ended by the signal itself, as it would be without a word: then a loop in a shell ends too.
if (signal !== undefined) process.kill(process.pid, signal);
else process.exit();
