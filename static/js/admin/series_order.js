// The parts of a series move by dragging or by the arrow keys on their handle; both only write the numbers anew.
const form = document.querySelector("[data-series-order]");

if (form) {
  const list = form.querySelector("ol");
  const said = form.querySelector("[data-said]");
  const rows = () => [...list.children];
  let carried = null;

  const number = (row) => {
    for (const [index, each] of rows().entries()) {
      each.querySelector("input[type=number]").value = index + 1;
    }
    said.textContent = `Part ${rows().indexOf(row) + 1} of ${rows().length}. The order is not saved yet.`;
  };
  const unmark = () => {
    for (const row of rows()) row.classList.remove("over", "under", "carried");
  };
  const below = (row, y) => {
    const box = row.getBoundingClientRect();
    return y > box.top + box.height / 2;
  };

  for (const row of rows()) {
    row.draggable = true;
    row.querySelector(".lp-handle").hidden = false;
  }
  list.addEventListener("dragstart", (event) => {
    if (event.target.closest?.("input, label")) return event.preventDefault();
    carried = event.target.closest("li");
    carried.classList.add("carried");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", carried.querySelector("a").textContent);
  });
  list.addEventListener("dragover", (event) => {
    const row = event.target.closest("li");
    if (!carried || !row || row === carried) return;
    event.preventDefault();
    for (const each of rows()) each.classList.remove("over", "under");
    row.classList.add(below(row, event.clientY) ? "under" : "over");
  });
  list.addEventListener("drop", (event) => {
    const row = event.target.closest("li");
    if (!carried || !row || row === carried) return;
    event.preventDefault();
    row[below(row, event.clientY) ? "after" : "before"](carried);
    number(carried);
  });
  list.addEventListener("dragend", () => {
    carried = null;
    unmark();
  });
  list.addEventListener("keydown", (event) => {
    if (!event.target.matches(".lp-handle")) return;
    const row = event.target.closest("li");
    const beside = { ArrowUp: row.previousElementSibling, ArrowDown: row.nextElementSibling }[event.key];
    if (beside === undefined) return;
    event.preventDefault();
    if (!beside) return;
    beside[event.key === "ArrowUp" ? "before" : "after"](row);
    event.target.focus();
    number(row);
  });
  // A number typed by hand puts the row there as well, so that what is seen is what is saved.
  list.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=number]")) return;
    const row = event.target.closest("li");
    const others = rows().filter((each) => each !== row);
    const place = Math.max(1, Math.min(Number(event.target.value) || 1, rows().length));
    if (place > others.length) list.append(row);
    else others[place - 1].before(row);
    number(row);
    event.target.focus();
  });
}
