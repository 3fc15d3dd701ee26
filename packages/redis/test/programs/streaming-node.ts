// One node in a process of its own, which says where it listens.
import { RedisNodes, type RedisNodesOptions } from "../../src/index.js";
import { streamingApp } from "../streaming-app.js";

const options = JSON.parse(process.argv[2]!) as RedisNodesOptions;
const { app } = await streamingApp(new RedisNodes(options));
await app.listen({ host: "127.0.0.1", port: 0 });
process.on("disconnect", () => process.exit());
process.send!(app.server.address());
