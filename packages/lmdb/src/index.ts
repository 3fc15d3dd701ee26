export { LMDB_ERROR_CODES, LmdbError, type LmdbErrorCode } from "./errors.js";
export { LmdbBroker } from "./lmdb-broker.js";
export type { LmdbBrokerOptions } from "./options.js";
