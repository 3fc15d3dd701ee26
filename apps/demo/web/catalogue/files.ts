import type { SourceFile } from "../view/code.js";

/** A controller of the demo's own. @param text - as the build found it */
export function exampleFile(name: string, text: string): SourceFile {
  return { path: `apps/demo/server/examples/${name}.controller.ts`, text };
}

/** The code of the page that follows a stream by Sluice's client. @param text - as the build found it */
export function clientFile(path: string, text: string): SourceFile {
  return { path: `apps/demo/web/${path}`, text };
}
