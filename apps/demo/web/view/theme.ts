type Theme = "light" | "dark";

const STORED = "sluice-theme";
const DARK = matchMedia("(prefers-color-scheme: dark)");

/**
 * Makes a button change between light and dark. Until it is pressed the system decides; afterwards
 * the choice is kept. `theme.js` applies it before the page is drawn.
 */
export function themeToggle(button: HTMLButtonElement): void {
  const show = () => {
    const next = current() === "dark" ? "light" : "dark";
    button.setAttribute("aria-label", `Change to the ${next} theme`);
  };
  button.addEventListener("click", () => {
    const next: Theme = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    try {
      localStorage.setItem(STORED, next);
    } catch {
      // Storage can be forbidden; the choice then lasts as long as the page.
    }
    show();
  });
  DARK.addEventListener("change", show);
  show();
}

function current(): Theme {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen === "dark" || chosen === "light") return chosen;
  return DARK.matches ? "dark" : "light";
}
