import { SluiceError } from "../errors.js";
import type { SourceItem } from "../source.js";
import type { RunTask } from "./run-keeper.js";

/** How long the end of a run waits for its last event, in milliseconds. */
const LATEST = 10_000;

/**
 * Asks `onError` for the last event of a run that has failed.
 *
 * @param key - the run's, for the message
 * @throws what `onError` throws; SluiceError `ERR_RUN_LIMIT` when it does not answer in time
 */
export async function lastEventOf(
  { onError, context, route }: RunTask,
  error: unknown,
  key: string,
): Promise<SourceItem | undefined> {
  if (onError === undefined) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `${route}: onError has given nothing within ${LATEST} ms, and the run of the key ${JSON.stringify(key)} ends without a last event. Let it give an event, or undefined, sooner.`;
      reject(new SluiceError("ERR_RUN_LIMIT", message));
    }, LATEST).unref();
  });
  try {
    return await Promise.race([onError(error, context), late]);
  } finally {
    clearTimeout(timer);
  }
}
