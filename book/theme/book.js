// What the page itself does: contents, colours, workshop view, language, copying, turning pages.
// Everything here is a convenience; the page reads the same without it.
(() => {
  "use strict";
  const html = document.documentElement;
  const words = JSON.parse(document.getElementById("page-words").textContent);
  const $ = (id) => document.getElementById(id);
  const keep = (key, value) => {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // A private window forgets; the page goes on.
    }
  };

  contents();
  colours();
  workshop();
  language();
  consoles();
  scrolling();
  keys();
  whereAmI();
  if (html.classList.contains("whole-book")) addEventListener("load", () => setTimeout(print, 100));

  function contents() {
    const button = $("toc-button");
    const toc = $("page-contents");
    // The same width as in book.css: from there on the contents stand beside the text.
    const wide = matchMedia("(min-width: 1100px)");
    const isOpen = () => (wide.matches ? !html.classList.contains("toc-closed") : html.classList.contains("toc-open"));
    const show = (open) => {
      if (wide.matches) {
        html.classList.toggle("toc-closed", !open);
        keep("workbook-toc", open ? null : "closed");
      } else {
        html.classList.toggle("toc-open", open);
        (open ? toc : button).focus();
      }
      button.setAttribute("aria-expanded", String(isOpen()));
    };
    button.setAttribute("role", "button");
    button.setAttribute("aria-expanded", String(isOpen()));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      show(!isOpen());
    });
    button.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        button.click();
      }
    });
    const closeDrawer = () => {
      if (!wide.matches && isOpen()) show(false);
    };
    document.addEventListener("click", (event) => {
      if (!toc.contains(event.target) && !button.contains(event.target)) closeDrawer();
    });
    toc.addEventListener("click", (event) => {
      if (event.target.closest("a")) html.classList.remove("toc-open");
    });
    document.addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
    wide.addEventListener("change", () => {
      html.classList.remove("toc-open");
      button.setAttribute("aria-expanded", String(isOpen()));
    });
    // In a long list the reader's chapter may be out of sight.
    const here = toc.querySelector("[aria-current]");
    if (here && wide.matches) toc.scrollTop = here.offsetTop - toc.clientHeight / 3;
  }

  function colours() {
    const select = $("theme-choice");
    try {
      select.value = localStorage.getItem("mdbook-theme") ?? "";
    } catch {
      // As the system.
    }
    if (select.selectedIndex < 0) select.value = "";
    select.addEventListener("change", () => {
      keep("mdbook-theme", select.value || null);
      window.workbookPaint();
    });
  }

  function workshop() {
    const box = $("workshop-switch");
    box.checked = html.classList.contains("workshop");
    box.addEventListener("change", () => {
      html.classList.toggle("workshop", box.checked);
      keep("workbook-workshop", box.checked ? "1" : null);
    });
    // The panel gives way to the page it belongs to.
    const more = $("view-menu");
    document.addEventListener("click", (event) => {
      if (!more.contains(event.target)) more.open = false;
    });
    more.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && more.open) {
        event.preventDefault();
        more.open = false;
        more.querySelector("summary").focus();
      }
    });
  }

  /** The same place in the other language: same file, same anchor, same shared run. */
  function language() {
    const link = $("other-language");
    const plain = link.getAttribute("href");
    keep("workbook-lang", html.lang);
    const aim = () => link.setAttribute("href", plain + location.search + location.hash);
    aim();
    addEventListener("hashchange", aim);
    link.addEventListener("focus", aim);
    link.addEventListener("pointerenter", aim);
    link.addEventListener("click", () => {
      aim();
      keep("workbook-lang", link.hreflang);
    });
  }

  /** A button on each code block; from a console only what is typed is copied. */
  function consoles() {
    for (const pre of document.querySelectorAll("main pre")) {
      const code = pre.querySelector("code");
      if (!code || pre.closest("figure.sim, section.exercise")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = words.copy;
      button.addEventListener("click", async () => {
        const commands = [...code.querySelectorAll(".command")].map((command) => command.textContent);
        const text = commands.length ? commands.join("\n") : code.textContent.trimEnd();
        try {
          await navigator.clipboard.writeText(text);
          button.textContent = words.copied;
        } catch {
          button.textContent = words["copy-failed"];
        }
        setTimeout(() => (button.textContent = words.copy), 1500);
      });
      const box = document.createElement("div");
      box.className = "code-box";
      pre.replaceWith(box);
      box.append(pre, button);
    }
  }

  /** What is wider than the column can be scrolled from the keyboard too. */
  function scrolling() {
    const boxes = document.querySelectorAll("main :is(pre, .table-wrapper, figure.diagram)");
    const look = new ResizeObserver((seen) => {
      for (const { target } of seen) {
        if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
      }
    });
    for (const box of boxes) look.observe(box);
  }

  /** Bare arrows turn pages, unless something that has a use for them is in focus. */
  function keys() {
    const busy = "input, select, textarea, [contenteditable], figure.sim, section.exercise, .search, .toc, pre, .table-wrapper";
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.target instanceof Element && event.target.closest(busy)) return;
      const link = { ArrowLeft: ".turn-previous", ArrowRight: ".turn-next" }[event.key];
      const to = link && document.querySelector(link);
      if (to) {
        event.preventDefault();
        to.click();
      }
    });
  }

  /** Marks the section in view in the contents. */
  function whereAmI() {
    const links = new Map([...document.querySelectorAll(".toc-sections a")].map((a) => [a.hash.slice(1), a]));
    const headings = [...document.querySelectorAll("main h2[id]")].filter((heading) => links.has(heading.id));
    if (!headings.length) return;
    let waiting = false;
    const mark = () => {
      waiting = false;
      const above = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
      const current = links.get((above.at(-1) ?? headings[0]).id);
      for (const link of links.values()) link.classList.toggle("here", link === current && above.length > 0);
    };
    addEventListener(
      "scroll",
      () => {
        if (!waiting) requestAnimationFrame(mark);
        waiting = true;
      },
      { passive: true },
    );
    mark();
  }
})();
