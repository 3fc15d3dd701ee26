/**
 * Whether the programs in C can't be made here; the tests that run them are skipped, and say so. Where `CI` is
 * set, SLUICE_NO_CC is not.
 */
export const noCompiler = process.env["SLUICE_NO_CC"] === "1" || process.platform !== "linux";
if (noCompiler) console.warn("Skipped: needs Linux and a compiler of C (set CC_PATH).");
