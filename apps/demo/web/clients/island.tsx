import { type ComponentType, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Dashboard } from "./dashboard.js";
import { LiveEvents } from "./live-events.js";

const COMPONENTS: Readonly<Record<"dashboard" | "live-events", ComponentType>> = {
  dashboard: Dashboard,
  "live-events": LiveEvents,
};

/** Renders one of the printed React components into an element. @returns what removes it */
export function render(name: keyof typeof COMPONENTS, host: HTMLElement): () => void {
  const Component = COMPONENTS[name];
  const root = createRoot(host);
  root.render(
    <StrictMode>
      <Component />
    </StrictMode>,
  );
  return () => root.unmount();
}
