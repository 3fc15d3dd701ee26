// What several peers need in the same way.
import { once } from "node:events";
import { createServer } from "node:http";
import { tick } from "../dist/kit/tick.js";

/** How often a framework sends its heartbeats, where it has them: in milliseconds. */
export const HEARTBEAT = 15_000;

/**
 * `/open`: one event at once, then nothing until the client has left.
 *
 * @template T
 * @param {PromiseLike<unknown>} left
 * @param {(data: import("../dist/kit/tick.js").Tick) => T} shape makes the event that the framework wants
 */
export async function* opened(left, shape) {
  yield shape(tick(1));
  await left;
}

/**
 * The members of each stream, by its name, for libraries that leave that to their users.
 *
 * @template T
 */
export class Groups {
  /** @type {Map<string, Set<T>>} */
  #groups = new Map();

  /** @param {string} name */
  of(name) {
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, (group = new Set()));
    return group;
  }
}

/**
 * The name of the stream that `POST /publish` means.
 *
 * @param {number} channel
 * @param {number} channels
 */
export const fanName = (channel, channels) => (channels > 1 ? `fan/${channel}` : "fan");

/**
 * @typedef {object} Asked
 * @property {import("node:http").IncomingMessage} request
 * @property {import("node:http").ServerResponse} response
 * @property {string} name the stream: `fan`, `fan/3`, `idle`
 * @property {(parameter: string) => number} number a parameter of the query, 0 where it is not given
 */

/**
 * Serves libraries that take what node:http gives: the first part of the path says which handler answers.
 *
 * @param {Record<string, (asked: Asked) => unknown>} handlers
 * @param {import("../dist/kit/control.js").Kit} kit
 */
export async function serve(handlers, kit) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname.slice(1);
    const handler = handlers[name.split("/", 1)[0] ?? ""];
    if (handler === undefined) response.writeHead(404).end();
    else handler({ request, response, name, number: (key) => Number(searchParams.get(key) ?? 0) });
  });
  await listen(server, kit);
}

/**
 * @param {import("node:http").Server} server
 * @param {import("../dist/kit/control.js").Kit} kit
 */
export async function listen(server, kit) {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await kit.ready(port);
}
