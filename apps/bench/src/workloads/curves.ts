import { perEvent } from "./columns.js";
import { fan } from "./load.js";
import type { Point, Workload } from "./workload.js";

const measure = "CPU time of the server for each delivery, in microseconds";

/** About 200,000 deliveries, and not so many turns that most of the time is gaps. */
const connections = (x: number): Point => ({
  x,
  load: fan({
    connections: x,
    turns: Math.max(20, Math.min(1_000, Math.round(200_000 / x))),
    gap: x <= 300 ? 2 : 10,
  }),
  quick: fan({ connections: Math.max(1, x / 10), turns: 5, gap: 10 }),
});

export const connectionsCurve: Workload = {
  id: "curve-connections",
  title: "Fan-out, from 10 to 10,000 connections",
  what: "One event at a time to everyone. With few connections the turn itself costs most, and is shared by few.",
  measure,
  along: "connections",
  pace: "20 to 1,000 turns of 1 event, 2 ms apart, from 1,000 connections on 10 ms",
  columns: [perEvent("CPU a delivery, us")],
  plot: "curves",
  streams: "fan",
  points: [
    connections(10),
    connections(30),
    connections(100),
    connections(300),
    connections(1_000),
    connections(3_000),
    connections(10_000),
  ],
  only: ["sluice", "limit", "node-http", "floor", "fastify-sse", "nestjs", "nchan"],
  repeats: { core: 1, rivals: 1, peers: 1 },
};

const channels = (x: number): Point => ({
  x,
  load: fan({ connections: 10_000, channels: x, turns: 20, gap: 20 }),
  quick: fan({ connections: Math.min(1_000, x * 10), channels: x / 10, turns: 3, gap: 20 }),
});

export const channelsCurve: Workload = {
  id: "curve-channels",
  title: "10,000 connections over 1 to 10,000 channels",
  what: "Each turn publishes one event to each channel, so that every connection receives one. With as many channels as connections each event has one listener, and what publishing costs is shared by nobody.",
  measure,
  along: "channels",
  pace: "20 turns, 20 ms apart",
  columns: [perEvent("CPU a delivery, us")],
  plot: "curves",
  streams: "fan",
  only: ["sluice", "limit", "node-http"],
  points: [
    {
      ...channels(1),
      quick: fan({ connections: 1_000, turns: 3, gap: 20 }),
    },
    channels(10),
    channels(100),
    channels(1_000),
    channels(10_000),
  ],
  repeats: { core: 1, rivals: 1, peers: 1 },
};
