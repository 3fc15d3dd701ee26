/** Shorter ones would tear words apart. */
const SHORTEST = 6;

/**
 * Makes a function that takes secrets out of what others say: an error or a server may repeat what it was sent.
 *
 * @param values - of headers and of the query, passwords; each, and each word in it
 */
export function hider(values: readonly string[]): (text: string) => string {
  const secrets = values
    .flatMap((value) => [value, ...value.split(/[\s;,]+/), encodeURIComponent(value)])
    .filter((value) => value.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "***"), text);
}
