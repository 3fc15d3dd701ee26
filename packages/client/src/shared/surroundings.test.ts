import { afterEach, expect, it, vi } from "vitest";
import { findSurroundings, type PageLife } from "./surroundings.js";

afterEach(() => vi.unstubAllGlobals());

/** A page of which tests tell what happens to it. */
function stubPage() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { hidden: true });
  vi.stubGlobal("navigator", { locks: {} });
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("document", document);
  const told: string[] = [];
  const life: PageLife = {
    left: () => void told.push("left"),
    entered: () => void told.push("entered"),
    seen: () => void told.push("seen"),
  };
  const end = findSurroundings()!.watchPage(life);
  return { window, document, told, end };
}

it("a page is left when it goes into the back/forward cache or is frozen, and entered when it comes back", () => {
  const { window, document, told } = stubPage();
  window.dispatchEvent(new Event("pagehide"));
  window.dispatchEvent(new Event("pageshow"));
  document.dispatchEvent(new Event("freeze"));
  document.dispatchEvent(new Event("resume"));
  expect(told).toEqual(["left", "entered", "left", "entered"]);
});

it("a page is seen when it becomes visible, and not when it is hidden", () => {
  const { document, told } = stubPage();
  document.dispatchEvent(new Event("visibilitychange"));
  expect(told).toEqual([]);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  expect(told).toEqual(["seen"]);
});

it("nothing is told any more after the end", () => {
  const { window, document, told, end } = stubPage();
  document.hidden = false;
  end();
  window.dispatchEvent(new Event("pagehide"));
  document.dispatchEvent(new Event("visibilitychange"));
  expect(told).toEqual([]);
});

it("a worker, which has no document, is watched without one", () => {
  vi.stubGlobal("navigator", { locks: {} });
  const end = findSurroundings()!.watchPage({ left() {}, entered() {}, seen() {} });
  expect(end).not.toThrow();
});

it("a timer that is called off does not fire", () => {
  vi.useFakeTimers();
  try {
    vi.stubGlobal("navigator", { locks: {} });
    const fired: string[] = [];
    const { after } = findSurroundings()!;
    after(5, () => fired.push("kept"));
    after(5, () => fired.push("called off"))();
    vi.advanceTimersByTime(10);
    expect(fired).toEqual(["kept"]);
  } finally {
    vi.useRealTimers();
  }
});
