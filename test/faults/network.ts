import { spawnSync } from "node:child_process";

/** The other end of a link of its own, where a program can be run: a namespace of Linux. */
export interface Network extends Disposable {
  /** The address of who listens there. */
  readonly address: string;
  /** Runs the words behind it there. */
  readonly launcher: readonly string[];
  /** Sets `net.ipv4.tcp_retries2` there: how often the system sends something again. */
  retries(count: number): void;
  /** Nothing that is sent from there arrives any more, and nobody is told. */
  cut(): void;
  restore(): void;
}

let networks = 0;

/** Why there can be no {@link Network} here; undefined when there can. */
export const noNetwork: string | undefined = reasonAgainst();

function reasonAgainst(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "network namespaces are for root";
  try {
    using network = openNetwork();
    network.retries(15);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** @throws when the system does not allow it */
export function openNetwork(): Network {
  const id = `${process.pid % 100_000}${networks++}`;
  const name = `sluice-${id}`;
  const [here, there] = [`sl${id}a`, `sl${id}b`];
  // Of the range for benchmarks (RFC 2544), four for each link.
  const block = ((process.pid * 16 + networks) * 4) % 65_536;
  const addressOf = (n: number): string => `198.18.${block >> 8}.${(block & 255) + n}`;
  const launcher = ["ip", "netns", "exec", name] as const;
  run("ip", "netns", "add", name);
  const close = (): void => {
    // The link goes with it.
    run("ip", "netns", "delete", name);
  };
  try {
    run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
    run("ip", "address", "add", `${addressOf(1)}/30`, "dev", here);
    run("ip", "link", "set", here, "up");
    run(...launcher, "ip", "address", "add", `${addressOf(2)}/30`, "dev", there);
    run(...launcher, "ip", "link", "set", there, "up");
    run(...launcher, "ip", "link", "set", "lo", "up");
  } catch (error) {
    close();
    throw error;
  }
  const neighbour = [...launcher, "ip", "neighbour"] as const;
  return {
    address: addressOf(2),
    launcher,
    retries: (count) =>
      run(...launcher, "sh", "-c", `echo ${count} > /proc/sys/net/ipv4/tcp_retries2`),
    // What is sent to a card that nobody has is dropped.
    cut: () =>
      run(...neighbour, "replace", addressOf(1), "lladdr", "02:00:00:00:00:01", "dev", there),
    restore: () => run(...neighbour, "delete", addressOf(1), "dev", there),
    [Symbol.dispose]: close,
  };
}

function run(command: string, ...args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr.trim()}`);
}
