/**
 * Joins the paths of a controller and a method: one slash at the front, one between, none at the
 * end.
 */
export function joinPaths(...parts: readonly string[]): string {
  return `/${parts.join("/")}`.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
}

/**
 * What is equal for two paths that match the same requests: the names of parameters do not count,
 * and an optional last parameter makes two paths.
 */
export function pathKeys(path: string): string[] {
  // A name ends where find-my-way ends it: at a slash, a hyphen, a dot or a pattern.
  const shape = path.replaceAll(/(?<!:):(?!:)[^/.(-]+/g, (name) =>
    name.endsWith("?") ? ":?" : ":",
  );
  if (!shape.endsWith("?")) return [shape];
  const required = shape.slice(0, -1);
  return [required, required.slice(0, required.lastIndexOf("/")) || "/"];
}
