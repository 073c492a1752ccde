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

  // Without htmx the page itself loads anew: the summary of errors still comes first.
  document.querySelector(".error-summary")?.focus();

  const tell = (id) => {
    show(id, true);
    document.getElementById(id).scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:sendError", () => tell("lost"));
  document.addEventListener("htmx:responseError", () => tell("failed"));
  document.addEventListener("htmx:beforeRequest", () => {
    show("lost", false);
    show("failed", false);
  });
})();
