import { STATUS_CODES } from "node:http";
import { SluiceError } from "../errors.js";

export interface HttpErrorOptions {
  /** The error that led to this one. It is logged, never sent. */
  readonly cause?: unknown;
  /** A code for programs; it is sent beside the message. */
  readonly code?: string;
  /** Headers of the answer, such as `WWW-Authenticate` or `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An answer other than the one that was asked for. Thrown before the head of a stream went out, by
 * a guard, a parameter or a handler, it is an ordinary HTTP error.
 */
export class HttpError extends Error {
  override readonly name: string = "HttpError";
  readonly statusCode: number;
  declare readonly code?: string;
  declare readonly headers?: Readonly<Record<string, string>>;

  /**
   * @param status - from 400 to 599
   * @param message - sent to the client. Default: the status' reason phrase, such as "Not Found"
   * @throws SluiceError `ERR_OPTION` when the status is not that of an error
   */
  constructor(status: number, message?: string, options: HttpErrorOptions = {}) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new SluiceError(
        "ERR_OPTION",
        `HttpError: the status must be from 400 to 599, not ${String(status)}.`,
      );
    }
    super(
      message ?? STATUS_CODES[status] ?? `Error ${status}`,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.statusCode = status;
    if (options.code !== undefined) this.code = options.code;
    if (options.headers !== undefined) this.headers = options.headers;
  }

  /** The same as {@link statusCode}, under the name that some error handlers read. */
  get status(): number {
    return this.statusCode;
  }
}
