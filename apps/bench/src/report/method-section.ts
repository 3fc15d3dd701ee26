import { format, percent } from "../format.js";
import type { Results } from "../results/results.js";
import { summarise } from "../results/summary.js";
import { fan1000 } from "../workloads/fans.js";
import { workloads } from "../workloads/workloads.js";

/** What was done, for those who want to do it again or doubt it. */
export function methodSection(results: Results): string {
  return `## How it is measured

- **CPU time counts**, not the clock: what the server's process used, user and system, all threads, and nginx's
  workers with it. It says the same whether a core is busy or not, and its inverse is what a full core gets done.
  "A second and core" is that inverse; latency, memory and connections a second are measured as such.
- **A fresh server for each measurement**, in a process of its own, on the loopback, without TLS or a proxy. About a
  second of the same work goes before where processor time is measured, and is not counted: the compiler is done then.
- **Rounds**: each subject once, in an order drawn anew. Ratios are taken within a round, so that what the machine did
  besides is in both; their median and its 95 % interval by bootstrap (10,000 resamples) are printed. With five rounds
  or fewer the interval is all that was measured, from the least to the most.
- **The same events**: \`tick\`, with JSON of a number and the time it was made, 30 bytes, serialised by each framework as
  its users would have it. Each server is written as the framework's documents say, with its own keep-alive, ids and
  history, where it has them.
- **The load client** is a program in C on epoll. It checks each event's number on each connection, for events that
  are lost, come twice or in another order, and tells the time since it was made.
- **It is no bottleneck**: its share of the time in which it worked is in each table, the highest of all repeats.
  ${busy(results)}
- **Bounds**: the "limit of Node" writes chunks made once in one shared buffer to the sockets, as fast as the public
  interface of Node allows, and can do nothing else; node:http is \`res.write\` for each event and client, as most write
  it by hand; the "floor" is a server in C that does one \`write\` for each client: what the operating system costs.
  No framework can be below the floor.

What it does not say: how it is on other machines and networks, with large events, with TLS, or after hours.`;
}

function busy(results: Results): string {
  const floor = summarise(fan1000, 0, results).rows.find(({ subject }) => subject.name === "floor");
  const highest = workloads
    .flatMap((workload) =>
      workload.points.flatMap((_, point) =>
        summarise(workload, point, results).rows.map(({ clientBusy, subject }) => ({
          clientBusy,
          label: subject.label,
          id: workload.id,
        })),
      ),
    )
    .toSorted((one, other) => other.clientBusy - one.clientBusy)[0];
  const most =
    highest === undefined
      ? ""
      : `At most it was ${percent(highest.clientBusy)} (\`${highest.id}\`, ${highest.label}).`;
  if (floor === undefined) return most;
  const rate = format(floor.medians["perCore"] ?? Number.NaN);
  return `${most} The floor shows what it keeps up with: ${rate} deliveries a second and core in \`fan-1000\`.`;
}
