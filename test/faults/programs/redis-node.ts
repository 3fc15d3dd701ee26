import { redisNode } from "../redis-node.js";
import { answer, tell } from "./answer.js";

answer(redisNode(tell));
