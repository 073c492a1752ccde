// The options of a question appear when it is picked; without this they do once it is saved.

document.addEventListener("change", async (event) => {
  const select = event.target.closest("select[data-asks]");
  if (!select) return;
  const start = select.name.replace(/question$/, "");
  for (const name of select.dataset.asks.split(" ")) {
    const box = document.getElementById(`id_${start}${name}`);
    if (box) await show(box, select, start + name);
  }
});

async function show(box, select, name) {
  const question = select.value;
  if (!question) {
    box.replaceChildren();
    return;
  }
  const url = select.dataset.optionsUrl.replace("/0/", `/${question}/`);
  try {
    const answer = await fetch(`${url}?name=${encodeURIComponent(name)}`);
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const options = page.body.firstElementChild;
    if (select.value !== question) return; // somebody picked on meanwhile
    box.replaceChildren(...options.childNodes);
    box.parentElement.querySelector(".help")?.remove();
  } catch {
    box.textContent = select.dataset.failed;
  }
}
