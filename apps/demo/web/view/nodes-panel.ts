import { button, el } from "./dom.js";

/** What `GET /nodes` answers. */
interface Nodes {
  readonly nodes: readonly { readonly name: string; readonly started: number }[];
  readonly mayBeKilled: boolean;
}

/** How often the server is asked which nodes live, in milliseconds. */
const INTERVAL = 1000;

/** A node's place in the panel. */
interface Place {
  readonly element: HTMLElement;
  readonly state: HTMLElement;
  readonly kill: HTMLButtonElement;
  /** When the process started that was seen last, and the one that was killed last. */
  started: number;
  killed: number;
}

/** Which nodes there are, where there are several; and where they may be killed, a button for each. */
export class NodesPanel {
  readonly #places = new Map<string, Place>();
  readonly #list = el("ul.nodes-list");
  readonly #hint = el("p.nodes-hint");

  /** @param host - is hidden until there are several nodes */
  constructor(
    private readonly host: HTMLElement,
    private readonly announce: (text: string) => void,
  ) {
    host.append(
      el("h2.nodes-title", { id: "nodes-title" }, "Nodes"),
      this.#list,
      this.#hint,
      el("p.nodes-about", {}, ABOUT),
    );
  }

  /** Asks for as long as the page is open; once, where this server is alone. */
  async follow(): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = document.hidden ? undefined : await ask();
      if (answer?.nodes.length === 0) return;
      if (answer !== undefined) this.#show(answer);
      // oxlint-disable-next-line no-await-in-loop -- a pause
      await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    }
  }

  #show({ nodes, mayBeKilled }: Nodes): void {
    this.host.hidden = false;
    this.#hint.textContent = mayBeKilled ? HINT : "";
    for (const { name } of nodes) if (!this.#places.has(name)) this.#add(name, mayBeKilled);
    for (const [name, place] of this.#places) {
      const node = nodes.find((each) => each.name === name);
      // For a moment after its death the others believe that it lives.
      const lives = node !== undefined && node.started > place.killed;
      place.element.dataset["lives"] = String(lives);
      place.kill.disabled = !lives;
      place.state.textContent = lives ? `up for ${describe(Date.now() - node.started)}` : "gone";
      if (node !== undefined) place.started = node.started;
    }
  }

  #add(name: string, mayBeKilled: boolean): void {
    const state = el("span.nodes-state");
    const kill = button("Kill", () => void this.#kill(name), "nodes-kill");
    kill.setAttribute("aria-label", `Kill node ${name}`);
    const element = el("li.nodes-node", {}, el("b", {}, `node ${name}`), state);
    if (mayBeKilled) element.append(kill);
    this.#places.set(name, { element, state, kill, started: 0, killed: 0 });
    const names = [...this.#places.keys()].toSorted();
    this.#list.replaceChildren(...names.map((each) => this.#places.get(each)!.element));
  }

  async #kill(name: string): Promise<void> {
    const place = this.#places.get(name)!;
    place.kill.disabled = true;
    try {
      const response = await fetch(`/nodes/${name}/kill`, { method: "POST" });
      if (!response.ok) throw new Error(`The server answered ${response.status}.`);
      place.killed = place.started;
      place.element.dataset["lives"] = "false";
      place.state.textContent = "gone";
    } catch {
      // Whether it lives is seen at the next look.
      this.announce(`Nobody has confirmed that node ${name} was killed.`);
    }
  }
}

async function ask(): Promise<Nodes | undefined> {
  try {
    const response = await fetch("/nodes");
    return response.ok ? ((await response.json()) as Nodes) : undefined;
  } catch {
    // The node that was asked is gone: the next time it is another.
    return undefined;
  }
}

function describe(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

const HINT =
  "Start a room, say something, and kill the node that it is on: the stream goes on with the other, and nothing is missing or there twice. The node is started again after ten seconds.";

const ABOUT =
  "Each new connection goes to the next node. They share the channels, who is in a room, and how far jobs are. Of one node alone are activity, metrics, the dashboard's figures, and what the printed and the other frameworks' examples keep in their process.";
