import { CHANNELS } from "./catalogue/channels.js";
import { CLIENTS } from "./catalogue/clients.js";
import { COMING_FROM } from "./catalogue/coming-from.js";
import { EXAMPLES } from "./catalogue/examples.js";
import { PRINTED } from "./catalogue/printed.js";
import { ConnectionBudget } from "./stream/budget.js";
import { Announcer } from "./view/announcer.js";
import { Card } from "./view/card.js";
import { ClientCard } from "./view/client-card.js";
import { el, find } from "./view/dom.js";
import { Figure } from "./view/figure.js";
import { foldedCards } from "./view/folded.js";
import { Index } from "./view/index-links.js";
import { NodesPanel } from "./view/nodes-panel.js";
import { Meter } from "./view/meter.js";
import { themeToggle } from "./view/theme.js";
import type { Surroundings } from "./view/surroundings.js";

/** One below what browsers open to a host over HTTP/1.1. */
const MOST_CONNECTIONS = 5;

const announcer = new Announcer();
const figure = new Figure();
const meter = new Meter(find("#meter", HTMLElement), MOST_CONNECTIONS);
const index = new Index(find("#index", HTMLElement));
const open = new Set<string>();

const around: Surroundings = {
  budget: new ConnectionBudget(MOST_CONNECTIONS, (count) => meter.show(count)),
  announce: (text) => announcer.say(text),
  onState: (id, state) => {
    if (state === "open") open.add(id);
    else open.delete(id);
    figure.open(open.size);
    index.show(id, state);
  },
  onEvent: () => figure.drop(),
};

themeToggle(find("#theme", HTMLButtonElement));
find("#figure", HTMLElement).append(figure.element);
document.body.append(announcer.element);
void new NodesPanel(find("#nodes", HTMLElement), (text) => announcer.say(text)).follow();

for (const [part, examples] of [
  ["#examples", EXAMPLES],
  ["#channels", CHANNELS],
] as const) {
  const cards = examples.map((example) => new Card(example, around).element);
  find(part, HTMLElement).append(el("div.cards", {}, ...cards));
  index.add(examples);
}

find("#printed", HTMLElement).append(foldedCards(PRINTED, around));
find("#coming-from", HTMLElement).append(foldedCards(COMING_FROM, around));

const clients = CLIENTS.map((client) => new ClientCard(client, around).element);
find("#clients", HTMLElement).append(el("div.client-cards", {}, ...clients));
