/** What was measured, or why it could not be. */
export type Measurement = Measured | Impossible;

export interface Measured {
  /** What it is, with the group it belongs to in front: the name of its budget. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** What the value is made of, for who wants to know where an excess comes from. */
  readonly parts?: readonly string[];
}

export interface Impossible {
  /** Of the group: none of its measures could be taken. */
  readonly group: string;
  /** What is in the way. */
  readonly impossible: string;
}

/** The group of a measure. */
export function groupOf(name: string): string {
  return name.split(":", 1).join();
}
