/** Something that a test waits for, and that is told from elsewhere. */
export function signal<T = void>(): {
  readonly told: Promise<T>;
  readonly tell: (value: T) => void;
} {
  let tell!: (value: T) => void;
  const told = new Promise<T>((resolve) => (tell = resolve));
  return { told, tell };
}
