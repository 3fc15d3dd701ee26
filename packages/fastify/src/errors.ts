/** Every code of {@link SluicePluginError}. */
export const PLUGIN_ERROR_CODES = [
  "ERR_OPTION",
  "ERR_ROUTE_TAKEN",
  "ERR_ROUTE_REFUSED",
  "ERR_COOKIES_MISSING",
  "ERR_CONNECTION_TIMEOUT",
] as const;

export type PluginErrorCode = (typeof PLUGIN_ERROR_CODES)[number];

/** What is wrong with the plugin's options or the application around it; thrown at the start. */
export class SluicePluginError extends Error {
  override readonly name = "SluicePluginError";
  readonly code: PluginErrorCode;

  constructor(code: PluginErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
