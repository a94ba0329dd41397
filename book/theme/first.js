// Runs before the page is painted, so that it never flashes in another colour or with a facilitator's
// block that is about to go.
(() => {
  "use strict";
  const html = document.documentElement;
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const THEMES = ["light", "rust", "coal", "navy", "ayu"];
  const dark = matchMedia("(prefers-color-scheme: dark)");

  /** The reader's choice, or what the system asks for. */
  const theme = () => {
    const chosen = kept("mdbook-theme");
    return THEMES.includes(chosen) ? chosen : dark.matches ? "coal" : "light";
  };
  const paint = () => {
    html.classList.remove(...THEMES);
    html.classList.add(theme());
  };
  window.workbookPaint = paint;
  dark.addEventListener("change", paint);
  paint();

  const asked = new URLSearchParams(location.search).get("workshop");
  try {
    if (asked !== null) localStorage.setItem("workbook-workshop", asked === "0" ? "" : "1");
  } catch {
    // Without storage the view lasts for this page.
  }
  html.classList.toggle("workshop", asked === null ? kept("workbook-workshop") === "1" : asked !== "0");
  html.classList.toggle("toc-closed", kept("workbook-toc") === "closed");
  html.classList.add("js");
})();
