/**
 * Waits for a promise, whatever comes of it, and no longer than a time.
 *
 * @param limit - in milliseconds
 */
export async function within(limit: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, limit).unref();
  });
  await Promise.race([promise.catch(() => undefined), late]);
  clearTimeout(timer);
}
