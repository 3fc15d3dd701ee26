/** What the program can be asked for, by name: arguments and results travel as JSON does. */
export type Orders = Readonly<Record<string, (...args: never[]) => unknown>>;

/** One call of an order. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What came of it. Calls are answered in their order. */
export interface Answer {
  readonly result?: unknown;
  /** The message of what was thrown. */
  readonly error?: string;
}

/** Answers what the parent process asks for, and ends the process when the parent has. */
export function obey(orders: Orders): void {
  const perform = async ({ name, args }: Call): Promise<Answer> => {
    try {
      const order = orders[name] as ((...args: readonly unknown[]) => unknown) | undefined;
      if (order === undefined) throw new Error(`There is no order ${name}.`);
      return { result: await order(...args) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
  process.on("message", (call: Call) => {
    void perform(call).then((answer) => process.send!(answer));
  });
  process.once("disconnect", () => process.exit());
}
