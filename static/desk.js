// Ticks all rows of the page at once, and says how many are ticked. Without this file each is
// ticked by itself.
(() => {
  const rows = () => [...document.querySelectorAll("input[name='pick']")];
  const show = () => {
    const all = document.querySelector("[data-tick-all]");
    if (!all) return; // an empty list
    const ticked = rows().filter((row) => row.checked).length;
    all.closest("label").hidden = false;
    all.checked = ticked === rows().length;
    all.indeterminate = ticked > 0 && !all.checked;
    const told = document.querySelector("[data-ticked]");
    told.textContent = ticked ? `${ticked} ${told.dataset.ticked}` : "";
  };
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-tick-all]")) {
      for (const row of rows()) row.checked = target.checked;
    }
    show();
  });
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show); // a browser that goes back keeps what was ticked
})();
