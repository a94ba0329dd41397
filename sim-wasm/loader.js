// Starts the widgets of a page. A classic script, so that a page can name it however it likes;
// everything it fetches lies beside it, whatever path the book is served from.
//
// * figure.sim and section.exercise start when they come near the window.
// * The wasm module is in files: a main one, and parts for the models and the exercises. A page
//   fetches what its widgets need. Each file is compiled once; each widget gets instances of its
//   own, because a panic ends every widget of its instance. A widget that fails gives its static
//   form back and says why.
// * When live-probe serves the page, the launch fragment is traded for a session here, once, and
//   the promise of its token is left on the window for every widget.
(() => {
  "use strict";
  // The builder puts the name it gave the main file here, and the files that a part takes besides,
  // in the order in which they are linked. A part that is not named is in the main file.
  const MODULE = "sim-wasm-HASH";
  const PARTS = {};
  const BASE = new URL(".", document.currentScript.src);
  const TOKEN_KEY = "live-probe-token";
  const WORDS = {
    ko: {
      failed: "이 위젯을 시작하지 못해 정적인 형태를 그대로 보여 줍니다.",
      stopped: "이 위젯이 멈춰서 정적인 형태로 되돌렸습니다. 다른 위젯은 계속 쓸 수 있습니다.",
      why: "이유",
      again: "다시 시도",
      nowasm: "이 브라우저는 WebAssembly를 실행하지 못합니다.",
    },
    en: {
      failed: "This widget could not start; its static form stays.",
      stopped: "This widget stopped and gave its static form back. The others go on.",
      why: "Reason",
      again: "Try again",
      nowasm: "This browser does not run WebAssembly.",
    },
  };

  window.liveProbeSession = session();
  // For whoever measures the module, or compares it.
  window.workbookInstance = instance;
  reloadWhenBuilt();

  const compiled = new Map();
  let instances = 0;

  /** A file of the module, compiled once for the page, however many widgets wait for it. */
  function compile(name) {
    if (!compiled.has(name)) {
      const made = (async () => {
        if (typeof WebAssembly !== "object") throw new Error("nowasm");
        const url = new URL(name, BASE);
        const answer = await fetch(url);
        if (!answer.ok) throw new Error(`${url.pathname}: HTTP ${answer.status}`);
        // A host may serve the module under another media type, which streaming refuses.
        const streams = WebAssembly.compileStreaming && answer.headers.get("content-type")?.startsWith("application/wasm");
        return streams ? WebAssembly.compileStreaming(answer) : WebAssembly.compile(await answer.arrayBuffer());
      })();
      compiled.set(name, made);
      // A failed download may work the next time.
      made.catch(() => compiled.delete(name));
    }
    return compiled.get(name);
  }

  /** The glue of a new instance that has these parts. */
  async function instance(parts) {
    const files = [...new Set(parts.flatMap((part) => PARTS[part] ?? []))];
    const [main, glue, ...modules] = await Promise.all([
      compile(`${MODULE}_bg.wasm`),
      import(new URL(`${MODULE}.js?i=${instances++}`, BASE)),
      ...files.map(compile),
    ]);
    const linked = { ...(await glue.default({ module_or_path: main })) };
    for (const module of modules) Object.assign(linked, (await WebAssembly.instantiate(module, { "": linked })).exports);
    for (const part of parts) linked[`part_${part.replaceAll("-", "_")}`]?.();
    return glue;
  }

  /** The parts of a widget: its model, and for an exercise what judges it. */
  function partsOf({ dataset: { exercise, model } }) {
    return [...(exercise ? ["exercise"] : []), ...(model ? [model] : [])];
  }

  async function start(element, options = {}) {
    if (element.dataset.widget) {
      // On its way with another run: it is told once it is there.
      if (options.token) element.addEventListener("widget-started", () => openIn(element, options.token), { once: true });
      return;
    }
    element.dataset.widget = "starting";
    element.querySelector(".widget-failed")?.remove();
    try {
      const glue = await instance(partsOf(element));
      element.addEventListener("widget-panic", (event) => fail(element, event.detail, "stopped"), { once: true });
      const mount = element.matches("figure.sim") ? glue.mount_simulator : glue.mount_exercise;
      const held = element.contains(document.activeElement);
      // A simulator takes the place of its figure once its run is made.
      await mount(element, JSON.stringify(options));
      if (element.dataset.widget !== "starting") return;
      element.dataset.widget = "running";
      if (held) handOn(element);
      element.dispatchEvent(new CustomEvent("widget-started"));
    } catch (error) {
      fail(element, error, "failed");
    }
  }

  /** The focus was in the form that has just gone: whoever has a keyboard alone goes on in the widget. */
  function handOn(element) {
    const seen = (part) => part.getClientRects().length > 0;
    const here = document.activeElement;
    if (here !== document.body && seen(here)) return;
    const stops = element.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
    [...stops].find(seen)?.focus({ preventScroll: true });
  }

  function fail(element, error, how) {
    const words = WORDS[(element.lang || document.documentElement.lang || "ko").startsWith("ko") ? "ko" : "en"];
    const reason = String(error?.message ?? error);
    // The wreck is hidden, not removed: its instance is dead but its listeners are still attached.
    element.querySelectorAll(".sim-live, .exercise-live").forEach((live) => live.remove());
    element.dataset.widget = "failed";
    const note = document.createElement("p");
    note.className = "widget-failed";
    note.setAttribute("role", "status");
    note.textContent = `${words[how]} ${words.why}: ${words[reason] ?? reason} `;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words.again;
    button.onclick = () => {
      delete element.dataset.widget;
      start(element);
    };
    note.append(button);
    element.append(note);
    console.error("widget", element.id, error);
  }

  function openIn(figure, token) {
    figure.dispatchEvent(new CustomEvent("sim-open", { detail: token }));
  }

  /** `#sim=TOKEN[&in=ID]`: a run somebody shared, opened in the widget it came from or of its model. */
  function openShared() {
    const shared = new URLSearchParams(location.hash.slice(1));
    const token = shared.get("sim");
    if (!token) return;
    const model = token.split(".")[0];
    const figures = [...document.querySelectorAll("figure.sim")].filter((figure) => figure.dataset.model === model);
    const figure = figures.find((figure) => figure.id === shared.get("in")) ?? figures[0];
    if (!figure) return;
    if (figure.dataset.widget === "running") {
      openIn(figure, token);
      figure.scrollIntoView({ block: "start" });
    } else {
      start(figure, { token }).then(() => requestAnimationFrame(() => figure.scrollIntoView({ block: "start" })));
    }
  }

  /** The session's token, or null when no live-probe serves this page or it knows this tab not. */
  async function session() {
    const launch = new URLSearchParams(location.hash.slice(1)).get("launch");
    if (launch) {
      // Good for one use, so it does not stay in the address or the history.
      history.replaceState(history.state, "", location.pathname + location.search);
      try {
        const answer = await fetch("/api/v1/session", { method: "POST", headers: { "X-Live-Probe-Launch": launch } });
        if (answer.ok) sessionStorage.setItem(TOKEN_KEY, (await answer.json()).token);
      } catch (error) {
        console.warn("live-probe session", error);
      }
    }
    try {
      return sessionStorage.getItem(TOKEN_KEY);
    } catch {
      return null;
    }
  }

  /** A page let go of the machine when it was left; one that the browser kept for a reader who comes
   * back starts anew. */
  addEventListener("pageshow", async (event) => {
    if (event.persisted && (await window.liveProbeSession)) location.reload();
  });

  /** While the book is being written, a new build reloads the page. */
  async function reloadWhenBuilt() {
    const token = await window.liveProbeSession;
    if (!token) return;
    try {
      const headers = { "X-Live-Probe-Token": token };
      if (!(await (await fetch("/api/v1/health")).json()).reload) return;
      const answer = await fetch("/api/v1/reload", { headers });
      if (!answer.ok) return;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let text = ""; ; ) {
        const { done, value } = await reader.read();
        if (done) return;
        text = (text + value).slice(-4096);
        if (/^event: ?reload/m.test(text)) return location.reload();
      }
    } catch {
      // The server went away: whoever stopped it knows.
    }
  }

  /** Holds as much room as the widget took at this width when it was last here, so that what lies
   * below does not jump. */
  function reserve(figure) {
    try {
      const [width, height] = localStorage.getItem(`sim-size ${figure.id}`).split(" ").map(Number);
      if (Math.abs(width - figure.offsetWidth) < 2) figure.style.setProperty("--sim-reserve", `${height}px`);
    } catch {
      // Never here before, or nothing may be kept: the style sheet has a guess.
    }
  }

  /** A reader who came to a heading stays there while what lies above it starts and takes another
   * height. Browsers see to that themselves only after the reader has moved, and not all of them. */
  function stayAtAnchor() {
    let target = null;
    const aim = () => {
      try {
        target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      } catch {
        // No address the book has made.
        target = null;
      }
    };
    const leave = () => (target = null);
    for (const moved of ["wheel", "touchmove", "pointerdown", "keydown"]) addEventListener(moved, leave, { passive: true });
    addEventListener("hashchange", aim);
    aim();
    new ResizeObserver(() => target?.scrollIntoView({ block: "start" })).observe(document.body);
  }

  function begin() {
    const near = new IntersectionObserver(
      (entries) => {
        for (const entry of entries.filter((entry) => entry.isIntersecting)) {
          near.unobserve(entry.target);
          start(entry.target);
        }
      },
      { rootMargin: "600px 0px" },
    );
    document.querySelectorAll("figure.sim").forEach(reserve);
    openShared();
    window.addEventListener("hashchange", openShared);
    document.querySelectorAll("figure.sim, section.exercise").forEach((element) => near.observe(element));
    stayAtAnchor();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
