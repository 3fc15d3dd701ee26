import { Window } from "happy-dom";

// A page beside Node's own fetch, streams and AbortController, which an environment of vitest would replace: the client
// uses the real ones, and so does the server in the same process.
const window = new Window({ url: "http://127.0.0.1/" });
const { document, navigator } = window;

for (const [name, value] of Object.entries({
  window,
  document,
  navigator,
  IS_REACT_ACT_ENVIRONMENT: true,
})) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
