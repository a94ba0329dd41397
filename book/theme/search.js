// Finds words as they stand in the text: a scan for substrings, so 메모리 finds 메모리를 and
// 메모리는, and half a sysctl name finds the whole. The index is fetched when first asked for.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("page-words").textContent);
  const root = document.body.dataset.root;
  const box = document.getElementById("search-panel");
  const button = document.getElementById("search-button");
  const input = document.getElementById("search-input");
  const count = document.getElementById("search-count");
  const list = document.getElementById("search-results");
  // Endings of a Korean word that a reader may type and the text may have otherwise.
  const ENDINGS = "(?:(?:에서|에게|에|으로|로|와|과|까지|부터|보다|처럼|만)(?:는|은|도|만|의)?|은|는|이|가|을|를|의|도|마다|이나|나|들(?:은|이|을|의|에)?)$";
  const PARTICLE = new RegExp(`(?<=[가-힣]{2}|[a-z0-9_]{2})${ENDINGS}`);
  // A noun of one syllable is cut free only when nothing else is found: 나이 is no 나 with a particle.
  const SHORT = new RegExp(`(?<=[가-힣])${ENDINGS}`);
  const HANGUL = /[가-힣]/;
  const AROUND = 60;

  const plain = (text) => text.normalize("NFC").toLowerCase().replace(/[‘’]/g, "'").replace(/[“”]/g, '"');

  /** Finds a word; between Korean letters a space may stand or not: 부하평균 is 부하 평균. */
  function pattern(word) {
    const letters = [...word].map((c) => c.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(letters.join(HANGUL.test(word) ? " ?" : ""), "g");
  }
  const places = (text, re, most) => {
    const found = [];
    re.lastIndex = 0;
    for (let hit = re.exec(text); hit && found.length < most; hit = re.exec(text)) found.push([hit.index, hit[0].length]);
    return found;
  };

  let sections;
  function load() {
    sections ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}searchindex.js`;
      script.onload = () =>
        resolve(
          window.workbookIndex.map(([address, title, chapter, body]) => {
            return { address, title, chapter, body, t: plain(title), c: plain(chapter), b: plain(body) };
          }),
        );
      script.onerror = () => {
        sections = undefined;
        reject(new Error(script.src));
      };
      document.head.append(script);
    });
    return sections;
  }

  /** How well a section fits; 0 when some word is not in it. */
  function score(section, terms, phrase) {
    let sum = 0;
    for (const term of terms) {
      const inTitle = places(section.t, term, 1).length;
      const inBody = places(section.b, term, 6).length;
      const inChapter = places(section.c, term, 1).length;
      if (!inTitle && !inBody && !inChapter) return 0;
      sum += inTitle * 20 + inBody * 2 + inChapter * 2;
    }
    if (terms.length > 1) sum += places(section.t, phrase, 1).length * 30 + places(section.b, phrase, 1).length * 10;
    return sum;
  }

  /** What holds every word as typed, best first; then what holds them without their particles. */
  function find(all, query) {
    const typed = plain(query).trim().split(/\s+/);
    const hits = new Map();
    for (const ending of [null, PARTICLE, SHORT]) {
      const words = ending ? typed.map((word) => word.replace(ending, "")) : typed;
      if (ending && words.every((word, i) => word === typed[i])) continue;
      if (ending === SHORT && hits.size) break;
      const [terms, phrase] = [words.map(pattern), pattern(words.join(" "))];
      const more = all
        .filter((section) => !hits.has(section))
        .map((section) => ({ section, words, terms, phrase, score: score(section, terms, phrase) }))
        .filter((hit) => hit.score > 0)
        .sort((a, b) => b.score - a.score);
      for (const hit of more) hits.set(hit.section, hit);
    }
    return [...hits.values()];
  }

  /** The text around the phrase, or else the first word found, the words marked. */
  function teaser({ section, terms, phrase }) {
    // Lower case may be longer than the text (İ): then the places do not fit, and nothing is marked.
    const same = section.b.length === section.body.length;
    const first = (re) => places(section.b, re, 1)[0]?.[0];
    const at = first(phrase) ?? Math.min(...terms.map(first).filter((at) => at !== undefined), Infinity);
    const from = same && Number.isFinite(at) ? Math.max(0, at - AROUND) : 0;
    const text = section.body.slice(from, from + AROUND * 3);
    const span = document.createElement("span");
    span.className = "search-teaser";
    if (from > 0) span.append("… ");
    mark(span, text, terms);
    if (from + AROUND * 3 < section.body.length) span.append(" …");
    return span;
  }

  function mark(parent, text, terms) {
    const low = plain(text);
    const hits = low.length === text.length ? terms.flatMap((term) => places(low, term, 50)) : [];
    let done = 0;
    for (const [at, length] of hits.sort((a, b) => a[0] - b[0] || b[1] - a[1])) {
      if (at < done) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(at, at + length);
      parent.append(text.slice(done, at), mark);
      done = at + length;
    }
    parent.append(text.slice(done));
  }

  let last = 0;
  async function search() {
    const query = input.value.trim();
    const mine = ++last;
    if (!query) {
      count.textContent = "";
      list.replaceChildren();
      return;
    }
    let all;
    try {
      all = await load();
    } catch {
      count.textContent = words["search-failed"];
      return;
    }
    if (mine !== last) return;
    const hits = find(all, query);
    const n = hits.length;
    const say = (key) => words[key].replace("{}", query).replace("{n}", n).replace("{max}", words.max);
    count.textContent = say(n === 0 ? "search-none" : n === 1 ? "search-one" : "search-many");
    if (n > words.max) count.textContent += ` ${say("search-more")}`;
    list.replaceChildren(...hits.slice(0, words.max).map(row));
  }

  function row(hit) {
    const { section, words, terms } = hit;
    const [file, anchor] = section.address.split("#");
    const link = document.createElement("a");
    link.href = `${root}${file}?find=${encodeURIComponent(words.join(" "))}${anchor ? `#${anchor}` : ""}`;
    const title = document.createElement("strong");
    mark(title, section.title || section.chapter, terms);
    link.append(title);
    if (section.title && section.title !== section.chapter) {
      const chapter = document.createElement("small");
      chapter.textContent = section.chapter;
      link.append(chapter);
    }
    link.append(teaser(hit));
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  function show(open) {
    box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      load().catch(() => {});
      scrollTo({ top: 0 });
      input.focus();
      input.select();
    } else {
      button.focus();
    }
  }

  button.addEventListener("click", () => show(box.hidden));
  input.addEventListener("input", search);
  document.getElementById("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("a")?.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const inside = box.contains(event.target);
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      show(false);
    } else if (event.key === "/" && !event.target.closest("input, select, textarea, [contenteditable], figure.sim, section.exercise")) {
      event.preventDefault();
      show(true);
    } else if (inside && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const stops = [input, ...list.querySelectorAll("a")];
      const at = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      stops[Math.max(0, Math.min(at, stops.length - 1))].focus();
    }
  });

  /** The words searched for, painted over the page without touching it. */
  function paintFound() {
    const query = new URLSearchParams(location.search).get("find");
    if (!query || !window.CSS?.highlights) return;
    const terms = plain(query).split(/\s+/).filter(Boolean).map(pattern);
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    const ranges = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest("svg, script")) continue;
      const low = plain(node.data);
      if (low.length !== node.data.length) continue;
      for (const [at, length] of terms.flatMap((term) => places(low, term, 100))) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + length);
        ranges.push(range);
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  }
  paintFound();
})();
