// Choosing rows: one box for all of the page, and how many are chosen. Going on by itself where a form asks for it.
for (const form of document.querySelectorAll("[data-choose]")) {
  const boxes = [...form.querySelectorAll("input[name=chosen]")];
  const all = form.querySelector("[data-choose-all]");
  const said = form.querySelector("[data-chosen]");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    said.textContent = chosen ? `${chosen} of ${boxes.length} on this page chosen` : "";
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  for (const box of boxes) box.addEventListener("change", count);
  addEventListener("pageshow", count);
}

// The next part of a long bulk edit begins by itself; the button stays for whoever stops it or has no script.
const next = document.querySelector("[data-go-on]");
const stop = document.querySelector("[data-stop]");
if (next && stop) {
  const timer = setTimeout(() => next.requestSubmit(), 1500);
  stop.hidden = false;
  stop.addEventListener("click", () => {
    clearTimeout(timer);
    stop.hidden = true;
  });
}
