import { randomBytes } from "node:crypto";

/** Random characters of `A-Z a-z 0-9 _ -`. */
export function randomText(length: number): string {
  return randomBytes(length).toString("base64url").slice(0, length);
}
