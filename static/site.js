// What plain forms and links cannot do: keep focus and announcements right after a swap, and say
// so when a request is on its way or fails. Every page works without this file.
(() => {
  // Where no header tells the server that the page is in a frame, it has less around it from here.
  if (window !== window.top) document.documentElement.classList.add("framed");

  // Going back and forward replaces the whole body, so nothing in it is kept in a variable.
  const show = (id, shown) => {
    document.getElementById(id).hidden = !shown;
  };
  const announce = (...texts) => {
    document.getElementById("announcer").textContent = texts.filter(Boolean).join(". ");
  };

  // What a phone folds stands open where there is room for it.
  const unfold = () => {
    if (!matchMedia("(min-width: 60rem)").matches) return;
    for (const fold of document.querySelectorAll(".fold--wide")) fold.open = true;
  };
  unfold();

  // A swap takes the focused button away, and with it the place of whoever reads by ear or key.
  const arrive = () => {
    unfold();
    const place = document.querySelector(".error-summary") || document.querySelector("main h1");
    place?.focus({ preventScroll: true });
    const words = document.querySelector(".meanwhile")?.textContent.replace(/\s+/g, " ").trim();
    announce(document.title, words);
  };
  document.addEventListener("htmx:afterSettle", arrive);

  // Without htmx the page itself loads anew: what went wrong, or was done, still comes first.
  document.querySelector(".error-summary, .links__done")?.focus();

  // A page that a browser kept as it was may show answers of before: it is asked for again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.replace(location.href);
  });

  // ---- A request on its way, and one that fails -----------------------------------------------

  let soon;
  const pressed = ({ detail }) => detail.requestConfig?.triggeringEvent?.submitter;

  document.addEventListener("htmx:beforeRequest", (event) => {
    for (const id of ["lost", "failed", "gone"]) show(id, false);
    const { busy } = document.getElementById("announcer").dataset;
    soon = setTimeout(() => announce(busy), 500);
    // Not disabled: that would take the focus away, and a second press is dropped anyway.
    pressed(event)?.setAttribute("aria-disabled", "true");
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    clearTimeout(soon);
    pressed(event)?.removeAttribute("aria-disabled");
  });

  const tell = (id) => {
    announce();
    show(id, true);
    document.getElementById(id).scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:sendError", () => tell("lost"));
  document.addEventListener("htmx:timeout", () => tell("lost"));
  document.addEventListener("htmx:responseError", ({ detail }) => {
    tell(detail.xhr.status === 410 ? "gone" : "failed");
  });

  // Back and forward ask for the page, too; when that fails, the browser says so better than we.
  document.addEventListener("htmx:historyCacheMiss", ({ detail }) => {
    detail.xhr.addEventListener("error", () => location.reload());
  });
  document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());

  // Before a page without htmx, such as a result, there may be some that htmx has swapped in: Back
  // leads to their address then, and nobody else asks for what is there.
  if (!window.htmx) {
    window.addEventListener("popstate", ({ state }) => {
      if (state?.htmx) location.reload();
    });
  }

  // A link to copy: its field selects itself, and a button copies it and says so.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(".link__field")) target.select();
  });
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copies]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.focus(); // without HTTPS there is no clipboard, only what is selected
      if (!document.execCommand("copy")) return;
      button.focus();
    }
    const label = button.firstChild;
    const before = label.textContent;
    if (before === button.dataset.copied) return;
    label.textContent = button.dataset.copied;
    document.getElementById("announcer").textContent = button.dataset.copied;
    setTimeout(() => {
      label.textContent = before;
    }, 3000);
  });
})();
