// What plain forms and links cannot do: keep focus and announcements right after a swap, and say
// so when a request fails. Every page works without this file.
(() => {
  // Going back and forward replaces the whole body, so nothing in it is kept in a variable.
  const show = (id, shown) => {
    document.getElementById(id).hidden = !shown;
  };

  // What a phone folds stands open where there is room for it.
  const unfold = () => {
    if (!matchMedia("(min-width: 60rem)").matches) return;
    for (const fold of document.querySelectorAll(".fold--wide")) fold.open = true;
  };
  unfold();

  // A swap takes the focused button away, and with it the place of whoever reads by ear or key.
  document.addEventListener("htmx:afterSettle", () => {
    unfold();
    const place = document.querySelector(".error-summary") || document.querySelector("main h1");
    if (!place) return;
    place.focus({ preventScroll: true });
    document.getElementById("announcer").textContent = document.title;
  });

  // Without htmx the page itself loads anew: what went wrong, or was done, still comes first.
  document.querySelector(".error-summary, .links__done")?.focus();

  const tell = (id) => {
    show(id, true);
    document.getElementById(id).scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:sendError", () => tell("lost"));
  document.addEventListener("htmx:responseError", ({ detail }) => {
    tell(detail.xhr.status === 410 ? "gone" : "failed");
  });
  document.addEventListener("htmx:beforeRequest", () => {
    show("lost", false);
    show("failed", false);
    show("gone", false);
  });

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
