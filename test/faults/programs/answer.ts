import type { Answer, Call, Commands } from "../program.js";

/** Answers what the process is asked that started this one, until it lets go of it. */
export function answer(commands: Commands): void {
  process.on("message", (call: Call) => void run(commands, call));
  process.on("disconnect", () => process.exit());
}

/** Tells something without having been asked. */
export function tell(result: unknown): void {
  send({ result });
}

async function run(commands: Commands, { id, name, args }: Call): Promise<void> {
  try {
    const command = commands[name] as (...args: readonly unknown[]) => unknown;
    send({ id, result: await command(...args) });
  } catch (error) {
    send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function send(message: Answer): void {
  process.send!(message);
}
