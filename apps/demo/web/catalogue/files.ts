import type { SourceFile } from "../view/code.js";

/** A controller of the demo's own. @param text - as the build found it */
export function exampleFile(name: string, text: string): SourceFile {
  return { path: `apps/demo/server/examples/${name}.controller.ts`, text };
}
