export {
  type InstrumentationOptions,
  instrumentSluice,
  type SluiceInstrumentation,
} from "./instrument-sluice.js";
