// The nodes, their Redis and the port before them, as one thing that starts and ends.
import { Stop } from "../process.mjs";
import { DemoNode } from "./node.mjs";
import { startProxy } from "./proxy.mjs";
import { startRedis } from "./redis.mjs";

/** @typedef {import("./node.mjs").NodeState} NodeState */

/**
 * @typedef {object} Cluster
 * @property {string} url of the page
 * @property {string} redis the address of the Redis that they share
 * @property {readonly DemoNode[]} nodes
 * @property {() => Promise<void>} stop ends everything: the nodes first, then the port and Redis
 */

/**
 * Starts Redis where none is named, a node for each name, and one port before them.
 *
 * @param {object} options
 * @param {readonly string[]} options.names
 * @param {number} options.port 0 takes a free one
 * @param {number} options.comeBack after how long a node that has died is started again, in milliseconds
 * @param {string} [options.redisUrl]
 * @param {NodeJS.ProcessEnv} [options.env] what the nodes are told besides
 * @param {(node: DemoNode, state: NodeState) => void} [options.onState]
 * @returns {Promise<Cluster>}
 * @throws Stop if something does not start
 */
export async function startCluster({
  names,
  port,
  comeBack,
  redisUrl,
  env = process.env,
  onState = () => {},
}) {
  const own = redisUrl === undefined ? await startRedis() : undefined;
  const redis = redisUrl ?? own?.url ?? "";
  const told = { ...env, REDIS_URL: redis, NODES_MAY_BE_KILLED: "1" };
  const nodes = names.map((name) => new DemoNode({ name, env: told, comeBack, onState }));
  const end = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await own?.stop();
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    if (nodes.some((node) => node.port === undefined)) {
      throw new Stop("A node did not start: see what it says above.");
    }
    const livePorts = () => nodes.flatMap((node) => (node.port === undefined ? [] : [node.port]));
    const proxy = await startProxy(livePorts, { host: "localhost", port }).catch((error) => {
      throw new Stop(
        error.code === "EADDRINUSE"
          ? `Port ${port} is taken: choose another, as in PORT=3001 npm run nodes.`
          : String(error.message),
      );
    });
    return {
      url: `http://localhost:${proxy.port}`,
      redis,
      nodes,
      async stop() {
        // While the nodes say when to come back, the port hands it on.
        await Promise.all(nodes.map((node) => node.stop()));
        await proxy.close();
        await own?.stop();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
