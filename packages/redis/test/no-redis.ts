/** Whether there is no Redis here, which only happens outside of CI; the tests that need it are skipped, and say so. */
export const noRedis = process.env["SLUICE_NO_REDIS"] === "1";
if (noRedis) console.warn("Skipped: redis-server is missing (set REDIS_SERVER_PATH).");
