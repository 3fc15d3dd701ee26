/**
 * The n-th number of a series, from 0 to below 1. It depends on nothing but the seed and n, so that
 * whoever knows how far a series is can go on with it (SplitMix32, with the counter as its state).
 *
 * @param seed - a whole number of 32 bits
 */
export function randomAt(seed: number, n: number): number {
  let z = (seed + Math.imul(n + 1, 0x9e3779b9)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
}
