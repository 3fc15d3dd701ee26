// The formula: from what an application asks for to what it takes. docs/SCALING.md explains each line.
import { inputs } from "./inputs.mjs";

/**
 * @typedef {object} Workload
 * @property {number} connections open at one time
 * @property {number} eventsPerSecond that one connection is sent, on average
 * @property {number} eventBytes of an event's data
 * @property {number} audience how many connections hear one event
 * @property {number} lifetime of a connection, in seconds
 * @property {number} history how many events of a channel are kept
 * @property {number} away how long a client is away that comes back, in seconds
 * @property {number} retry the server's `retry`, and the spread of those who come back, in seconds
 * @property {number} drainWindow in seconds
 * @property {number} drainShare of all processes that drain at one time, from 0 to 1
 * @property {number} perProcess the most connections of a process, whatever it could bear otherwise
 * @property {number} ringBytes `maxBufferedBytes` of channels
 * @property {number} load how much of a core's time may be planned, from 0 to 1
 */

/** @type {Workload} */
export const DEFAULTS = {
  connections: 1_000_000,
  eventsPerSecond: 0.1,
  eventBytes: 200,
  audience: 1,
  lifetime: 1_800,
  history: 100,
  away: 10,
  retry: 10,
  drainWindow: 60,
  drainShare: 0.05,
  perProcess: 20_000,
  ringBytes: 1_048_576,
  load: 0.5,
};

/** Microseconds in a second. */
const SECOND = 1e6;

/** @param {Workload} workload */
export function plan(workload) {
  const { connections, eventsPerSecond, audience, load, perProcess } = workload;
  const deliveries = connections * eventsPerSecond;
  const publishes = deliveries / audience;
  const channels = connections / audience;
  const comebacks = connections / workload.lifetime;
  const missed = Math.max(1, eventsPerSecond * workload.away);

  // How many processes hear an event depends on how many there are, and the other way round.
  let processes = Math.max(1, Math.ceil(connections / perProcess));
  let listening = 1;
  for (let next = processes; ; processes = next) {
    listening = listeners(audience, processes);
    const work = processWork({ workload, deliveries, publishes, comebacks, listening, missed });
    next = Math.max(processes, Math.ceil(work / (SECOND * load)));
    if (next === processes) break;
  }
  const work = processWork({ workload, deliveries, publishes, comebacks, listening, missed });
  const processLoad = work / SECOND / processes;

  const hubs = channels * listening;
  const redisWork =
    publishes * (inputs.publish.value + listening * inputs.tell.value) +
    comebacks * redisResume(missed) +
    (hubs / inputs.checkEvery.value) * inputs.check.value;
  const shards = Math.max(1, Math.ceil(redisWork / (SECOND * load)));
  const redisLoad = redisWork / SECOND / shards;

  return {
    workload,
    deliveries,
    publishes,
    channels,
    hubs,
    listening,
    missed,
    processes,
    processLoad,
    shards,
    redisLoad,
    processMemory: processMemory(workload, processes, hubs),
    redisMemory: redisMemory(workload, channels) / shards,
    descriptors: connections / processes + 2 * shards + inputs.ownDescriptors.value,
    redisConnections: 2 * processes,
    ...bandwidth({ workload, deliveries, publishes, listening, processes, shards }),
    ...storms({ workload, processes, shards, processLoad, redisLoad, hubs, missed }),
  };
}

/**
 * How many processes hear an event: those that at least one of its listeners is connected to, where connections are
 * spread at random.
 *
 * @param {number} audience
 * @param {number} processes
 */
export function listeners(audience, processes) {
  if (processes === 1) return 1;
  return processes * (1 - (1 - 1 / processes) ** audience);
}

/**
 * What all processes have to do in a second, in microseconds.
 *
 * @param {{ workload: Workload, deliveries: number, publishes: number, comebacks: number, listening: number, missed: number }} of
 */
function processWork({ workload, deliveries, publishes, comebacks, listening, missed }) {
  const { connections, eventsPerSecond } = workload;
  const keepAlives = connections * Math.max(0, 1 / inputs.keepAliveEvery.value - eventsPerSecond);
  return (
    deliveries * inputs.deliver.value +
    publishes * (inputs.publishAtProcess.value + listening * inputs.hear.value) +
    keepAlives * inputs.deliver.value +
    comebacks * processResume(missed)
  );
}

/** What a process takes for a client whose channel it does not follow yet, in microseconds. @param {number} missed */
export function processResume(missed) {
  return inputs.resumeOwn.value + missed * inputs.takeEvent.value;
}

/** What Redis takes for a client that comes back to a channel nobody else follows there. @param {number} missed */
export function redisResume(missed) {
  return inputs.follow.value + redisRead(missed);
}

/** What Redis takes to read so many events. @param {number} missed */
export function redisRead(missed) {
  return inputs.read.value + missed * inputs.readEvent.value;
}

/**
 * @param {Workload} workload
 * @param {number} processes
 * @param {number} hubs
 */
function processMemory(workload, processes, hubs) {
  const { connections, eventsPerSecond, lifetime, eventBytes, ringBytes } = workload;
  // A ring holds what came while anybody of the process listened, up to its bound of text.
  const perEvent = eventBytes + inputs.frame.value;
  const listenedTo = lifetime * Math.max(1, connections / hubs);
  const events = Math.min(eventsPerSecond * listenedTo, ringBytes / perEvent);
  const ring = events * (perEvent + inputs.ringEvent.value);
  return (
    inputs.processMemory.value +
    (connections / processes) * inputs.connection.value +
    (hubs / processes) * (inputs.hub.value + ring)
  );
}

/**
 * @param {Workload} workload
 * @param {number} channels
 */
function redisMemory(workload, channels) {
  const kept = workload.history * (inputs.historyEvent.value + workload.eventBytes);
  return channels * (inputs.historyChannel.value + kept);
}

/**
 * In bytes a second.
 *
 * @param {{ workload: Workload, deliveries: number, publishes: number, listening: number, processes: number, shards: number }} of
 */
function bandwidth({ workload, deliveries, publishes, listening, processes, shards }) {
  const perEvent = workload.eventBytes + inputs.frame.value + inputs.packet.value;
  return {
    toClients: deliveries * perEvent,
    toClientsOfProcess: (deliveries * perEvent) / processes,
    fromRedis: (publishes * listening * perEvent) / shards,
  };
}

/**
 * What comes after a fault. Times are in seconds.
 *
 * @param {{ workload: Workload, processes: number, shards: number, processLoad: number, redisLoad: number, hubs: number, missed: number }} of
 */
function storms({ workload, processes, shards, processLoad, redisLoad, hubs, missed }) {
  const { connections, retry, drainWindow, drainShare } = workload;
  const resumesOfProcess = (SECOND * (1 - processLoad)) / processResume(missed);
  const resumesOfRedis = (shards * SECOND * (1 - redisLoad)) / redisResume(missed);
  const others = Math.max(1, processes - 1);
  return {
    resumesOfProcess,
    resumesOfRedis,
    /** One process dies: what the others get. */
    afterProcess: connections / processes / retry,
    afterProcessShortest:
      connections / processes / Math.min(others * resumesOfProcess, resumesOfRedis),
    /** All die: the shortest spread that processes and Redis can follow. */
    afterAll: connections / retry,
    afterAllByProcesses: connections / (processes * resumesOfProcess),
    afterAllByRedis: connections / resumesOfRedis,
    /** Redis is back: all that is listened to is subscribed to and compared. */
    afterRedis: (hubs * (inputs.follow.value + inputs.check.value)) / SECOND / shards,
    /** Some after others are replaced: each ends its streams in one window, and they come back in the next. */
    afterDrain: (connections * drainShare) / drainWindow,
    rollOut: Math.ceil(1 / drainShare) * 2 * drainWindow,
  };
}
