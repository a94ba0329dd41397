// Goes on to the language chosen last time, or the first one of the browser's that the book has.
// What follows the address (a launch key, a shared run) goes along. `?choose` stays here.
(() => {
  "use strict";
  if (new URLSearchParams(location.search).has("choose")) return;
  let lang = null;
  try {
    lang = localStorage.getItem("workbook-lang");
  } catch {
    // A browser without storage still knows its languages.
  }
  if (lang !== "ko" && lang !== "en") {
    const known = (navigator.languages ?? [navigator.language ?? ""]).map((tag) => tag.slice(0, 2).toLowerCase());
    lang = known.find((tag) => tag === "ko" || tag === "en") ?? "en";
  }
  location.replace(`${lang}/index.html${location.search}${location.hash}`);
})();
