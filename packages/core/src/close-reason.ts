/**
 * Why a connection closed. It closes once, with one of these:
 *
 * - `complete`: the source came to its end, or the stream was closed by the application.
 * - `client`: the client left.
 * - `error`: the source threw, or was a channel that was ended as failed.
 * - `shutdown`: the server is closing.
 * - `slow-consumer`: the client read too slowly and its buffer was full.
 * - `expired`: the permission to listen ran out.
 * - `revoked`: the application took the permission back.
 * - `timeout`: the connection reached its longest duration.
 */
export type CloseReason =
  | "complete"
  | "client"
  | "error"
  | "shutdown"
  | "slow-consumer"
  | "expired"
  | "revoked"
  | "timeout";
