// Search results and share cards: one is looked at at a time, and lines are cut where the browser measures their end.
const pencil = document.createElement("canvas").getContext("2d");

function widthOf(text, size) {
  pencil.font = `${size}px Arial, "Liberation Sans", sans-serif`;
  return pencil.measureText(text).width;
}

function cut(text, size, room) {
  if (widthOf(text, size) <= room) return text;
  const letters = [...text];
  let low = 0;
  let high = letters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (widthOf(`${letters.slice(0, middle).join("")}…`, size) <= room) low = middle;
    else high = middle - 1;
  }
  const kept = letters.slice(0, low).join("");
  const space = kept.lastIndexOf(" ");
  return `${(space > kept.length / 2 ? kept.slice(0, space) : kept).replace(/[\s,;:.–·]+$/u, "")}…`;
}

export function drawCards(panel) {
  for (const line of panel.querySelectorAll("[data-cut]")) line.textContent = cut(line.dataset.cut, line.dataset.px, line.dataset.room);
  for (const row of panel.querySelectorAll("[data-measure]")) {
    const width = Math.round(widthOf(row.dataset.measure, row.dataset.px));
    row.querySelector("meter").value = width;
    row.querySelector("output").textContent = `${width} of ${row.dataset.room} px`;
  }
  const group = panel.querySelector(".lp-cards");
  if (!group.hidden) return;
  group.hidden = false;
  panel.dataset.shown = "desktop";
  group.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-card]");
    if (!chosen) return;
    panel.dataset.shown = chosen.dataset.card;
    for (const button of group.children) button.setAttribute("aria-pressed", String(button === chosen));
  });
}
