import { fileURLToPath } from "node:url";

/** The folder of the benchmark. This file is in `dist` when it runs, and in `src` when it is tested. */
export const bench = fileURLToPath(new URL("..", import.meta.url));

/** The repository's root. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));
