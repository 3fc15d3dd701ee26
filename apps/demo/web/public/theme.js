// Runs before the first paint, so that a chosen theme does not flash. A module would run after it.
try {
  const chosen = localStorage.getItem("sluice-theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage can be forbidden; the system's theme is used then.
}
