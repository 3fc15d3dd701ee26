export { REDIS_ERROR_CODES, RedisBrokerError, type RedisErrorCode } from "./errors.js";
export type { RedisBrokerOptions } from "./options.js";
export { RedisBroker } from "./redis-broker.js";
