import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { proseOf } from "./prose.js";

/** By which the root of the repository is known, from the sources as well as from what is compiled. */
const LANDMARK = "docs/ARCHITECTURE.md";

/** Measurements are lists of figures. */
const NO_PROSE = /^docs\/benchmarks\//;

/**
 * The sentences of Sluice's own documents.
 *
 * @throws Error where the documents are not there
 */
export function readCorpus(): string[] {
  const root = findRoot(dirname(fileURLToPath(import.meta.url)));
  return documentsIn(root).flatMap((file) => proseOf(readFileSync(join(root, file), "utf8")));
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, LANDMARK))) return folder;
  const above = dirname(folder);
  if (above === folder) {
    throw new Error(
      `The model of /chat learns from the repository's documents, and there is no ${LANDMARK} above ${fileURLToPath(import.meta.url)}: run the demo in the repository.`,
    );
  }
  return findRoot(above);
}

/** In an order that is the same everywhere: what is learned depends on it. */
function documentsIn(root: string): string[] {
  const readmes = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  const docs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`);
  return ["README.md", ...readmes, ...docs]
    .filter((file) => !NO_PROSE.test(file) && existsSync(join(root, file)))
    .toSorted();
}
