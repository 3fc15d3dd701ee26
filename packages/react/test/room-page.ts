import { createElement, StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { useSse } from "../src/index.js";

/** What the page of a room keeps for those who look at it. */
export interface RoomPage {
  /** The numbers that the handler was called with. */
  readonly heard: number[];
  /** How often the room was rendered and shown. */
  shown: number;
}

const page: RoomPage = { heard: [], shown: 0 };
Object.assign(globalThis, { page });

function Room() {
  const { data, events, state } = useSse<{ n: number }, readonly number[]>("/feed/a", {
    maxEvents: 1_000,
    initialValue: [],
    reducer: (all, { data }) => [...all, data],
    on: { n: (n) => page.heard.push(n) },
  });
  useEffect(() => {
    page.shown++;
  });
  return createElement(
    "dl",
    {},
    createElement("dt", { id: "state" }, state),
    createElement("dd", { id: "data" }, data.join(" ")),
    createElement("dd", { id: "events" }, events.map((event) => event.data).join(" ")),
  );
}

function App() {
  const [isHere, setIsHere] = useState(true);
  return isHere
    ? createElement("button", { onClick: () => setIsHere(false) }, createElement(Room))
    : "gone";
}

const root = document.body.appendChild(document.createElement("main"));
createRoot(root).render(createElement(StrictMode, {}, createElement(App)));
