import { EXAMPLES } from "./catalogue/examples.js";
import type { Example } from "./catalogue/example.js";
import { ConnectionBudget } from "./stream/budget.js";
import { Announcer } from "./view/announcer.js";
import { Card, type Surroundings } from "./view/card.js";
import { el, find } from "./view/dom.js";
import { Figure } from "./view/figure.js";
import { Index } from "./view/index-links.js";
import { Meter } from "./view/meter.js";
import { themeToggle } from "./view/theme.js";

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

fill("#examples", EXAMPLES);
index.add(EXAMPLES);

/** Puts the cards of a list into a section. */
function fill(selector: string, examples: readonly Example[]): void {
  const list = el("div.cards", {}, ...examples.map((example) => new Card(example, around).element));
  find(selector, HTMLElement).append(list);
}
