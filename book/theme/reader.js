// What a page shows of its reader: figures of the machine that live-probe serves the page from, and
// how far the reader is. Without live-probe the figures stay empty and the text reads the same.
(() => {
  "use strict";
  const words = JSON.parse(document.getElementById("page-words").textContent);
  const FORMAT = 1;
  const KEY = "exercise:";
  const known = progressBox();
  figures();
  known?.share();

  /** Asks live-probe; undefined when none serves the page. */
  async function ask(path) {
    const token = await window.liveProbeSession;
    if (!token) return undefined;
    const answer = await fetch(`/api/v1/${path}`, { headers: { "X-Live-Probe-Token": token } });
    return answer.ok ? answer.json() : undefined;
  }

  async function figures() {
    const places = [...document.querySelectorAll("[data-here]")];
    if (!places.length) return;
    const said = await ask("here").catch(() => undefined);
    if (!said) return;
    const lang = document.documentElement.lang.startsWith("ko") ? "ko" : "en";
    const figures = new Map(said.figures.map((figure) => [figure.name, figure]));
    for (const place of places) {
      const figure = figures.get(place.dataset.here);
      if (!figure) continue;
      const value = figure.said?.[lang];
      if (place.matches("tr")) {
        const cell = place.cells[1];
        cell.textContent = value ?? "–";
        const from = document.createElement("small");
        // A long path breaks behind a stroke, not within a name.
        for (const part of figure.why[lang].split(/(?<=\/)/)) from.append(part, document.createElement("wbr"));
        cell.append(document.createElement("br"), from);
      } else if (value !== undefined) {
        place.textContent = words["here"].replace("{}", value);
        place.title = figure.why[lang];
      }
    }
    for (const note of document.querySelectorAll(".machine-card-note")) note.textContent = words["here-filled"];
  }

  function progressBox() {
    const box = document.querySelector(".my-progress");
    if (!box) return undefined;
    const status = box.querySelector(".my-progress-said");
    const input = box.querySelector("input");
    const say = (key, value = "") => {
      status.textContent = words[key].replace("{}", value);
    };
    const read = (id) => {
      try {
        return JSON.parse(localStorage.getItem(KEY + id)) ?? {};
      } catch {
        return {};
      }
    };
    const count = () => {
      for (const row of box.querySelectorAll("[data-exercises]")) {
        const ids = row.dataset.exercises.split(" ");
        row.cells[1].textContent = `${ids.filter((id) => read(id).passed === true).length} / ${ids.length}`;
      }
    };

    /** Adds what a file has and this browser has not; the reader's own answers stay. */
    const add = (file) => {
      for (const [key, theirs] of Object.entries(file.exercises)) {
        // What was done on a recorded or simulated machine counts for the exercise.
        const [id, elsewhere] = key.split("@");
        const ours = read(id);
        const { prediction, hints } = elsewhere ? {} : theirs;
        const sum = {
          ...ours,
          prediction: ours.prediction ?? prediction ?? null,
          hints: Math.max(ours.hints ?? 0, hints ?? 0),
          passed: ours.passed === true || theirs.passed === true,
        };
        localStorage.setItem(KEY + id, JSON.stringify(sum));
      }
      count();
      return Object.keys(file.exercises).length;
    };

    box.querySelector("[data-act=export]").addEventListener("click", () => {
      const exercises = {};
      for (let i = 0; i < localStorage.length; i++) {
        const key = localStorage.key(i);
        if (key.startsWith(KEY)) exercises[key.slice(KEY.length)] = read(key.slice(KEY.length));
      }
      const json = JSON.stringify({ format_version: FORMAT, exercises }, null, 2);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([json + "\n"], { type: "application/json" }));
      link.download = "workbook-progress.json";
      link.click();
      URL.revokeObjectURL(link.href);
      say("progress-exported", Object.keys(exercises).length);
    });
    box.querySelector("[data-act=import]").addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      const [chosen] = input.files;
      input.value = "";
      if (!chosen) return;
      try {
        if (chosen.size > 4 << 20) throw new Error("> 4 MiB");
        say("progress-imported", add(understood(JSON.parse(await chosen.text()))));
      } catch (error) {
        say("progress-refused", `${chosen.name}: ${error.message}`);
      }
    });
    // The contents know the chapters' titles.
    for (const link of box.querySelectorAll("th a")) {
      const entry = document.querySelector(`#page-contents a[href$="${link.getAttribute("href")}"]`);
      if (entry) link.textContent = [...entry.childNodes].map((node) => node.textContent.trim()).join(" ").trim();
    }
    count();

    /** What was done in the terminal is done here too. */
    const share = async () => {
      const theirs = await ask("progress").catch(() => undefined);
      if (theirs) add(understood(theirs));
    };
    return { share };
  }

  /** The file, or an error that names the field that is wrong: nothing is taken of a wrong file. */
  function understood(file) {
    if (file?.format_version !== FORMAT) throw new Error(`format_version: ${file?.format_version} ≠ ${FORMAT}`);
    if (typeof file.exercises !== "object" || file.exercises === null) throw new Error("exercises: {…}?");
    for (const [id, done] of Object.entries(file.exercises)) {
      const wrong = (field, want) => new Error(`exercises["${id}"].${field}: ${want}`);
      if (typeof done !== "object" || done === null) throw new Error(`exercises["${id}"]: {…}?`);
      const { prediction = null, hints = 0, passed = false } = done;
      if (prediction !== null && (typeof prediction !== "string" || prediction.length > 400)) throw wrong("prediction", "≤ 400");
      if (!Number.isInteger(hints) || hints < 0 || hints > 1000) throw wrong("hints", "0–1000");
      if (typeof passed !== "boolean") throw wrong("passed", "true | false");
    }
    return file;
  }
})();
