/** How much there is of everything. */
export interface RedisLoad {
  readonly clients: number;
  /** Each node is a process of its own. */
  readonly processes: boolean;
  /** How long it lasts, in milliseconds. */
  readonly duration: number;
}
