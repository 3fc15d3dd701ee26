export { RedisNodes } from "./nodes/redis-nodes.js";
export type { RedisNodesOptions } from "./nodes/options.js";
export { REDIS_ERROR_CODES, RedisBrokerError, type RedisErrorCode } from "./errors.js";
export type { RedisBrokerOptions } from "./options.js";
export { RedisBroker } from "./redis-broker.js";
