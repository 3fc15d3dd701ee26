export { openFetchLine } from "./fetch-line.js";
