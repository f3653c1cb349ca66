// Runs before the first paint: the remembered theme, so that nothing flashes.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function remembered() {
    try { return localStorage.getItem("theme"); } catch { return null; }
  }

  function show(theme) {
    if (theme) root.dataset.theme = theme;
    root.dataset.shown = theme || (dark.matches ? "dark" : "light");
  }

  root.classList.add("js");
  show(remembered());
  dark.addEventListener("change", () => show(remembered()));

  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-switch]");
    if (!button) return;
    const label = () => {
      const other = root.dataset.shown === "dark" ? "light" : "dark";
      button.setAttribute("aria-label", `Switch to the ${other} theme`);
      button.title = button.getAttribute("aria-label");
    };
    label();
    button.addEventListener("click", () => {
      const theme = root.dataset.shown === "dark" ? "light" : "dark";
      try { localStorage.setItem("theme", theme); } catch { /* shown, if not remembered */ }
      show(theme);
      label();
    });
  });
})();
