import "./types.js";

export type {
  ConnectionClosed,
  ConnectionOpened,
  ProducerStopped,
  ProducerStuck,
  RunEnded,
  RunStarted,
} from "./diagnostics.js";
export { PLUGIN_ERROR_CODES, type PluginErrorCode, SluicePluginError } from "./errors.js";
export type { SluiceOptions } from "./options.js";
export { sluice } from "./plugin.js";
