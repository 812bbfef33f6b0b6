// The lines of a menu are added, taken out, and moved by dragging or by the arrow keys on their handle. All of it only
// writes the fields that are sent: the place of each line, whether it goes, and how many there are.
export function followLines(menu) {
  const list = menu.querySelector("ol");
  const total = menu.querySelector(`[name=${menu.dataset.menu}-TOTAL_FORMS]`);
  const add = menu.querySelector("[data-add]");
  const rows = () => [...list.children].filter((row) => !row.hidden);
  let carried = null;

  const changed = () => list.dispatchEvent(new Event("change", { bubbles: true }));
  const number = () => {
    for (const [index, row] of rows().entries()) row.querySelector(".lp-place").value = index + 1;
    changed();
  };
  const unmark = () => {
    for (const row of rows()) row.classList.remove("over", "under", "carried");
  };
  const isBelow = (row, y) => {
    const box = row.getBoundingClientRect();
    return y > box.top + box.height / 2;
  };
  function dress(row) {
    const out = row.querySelector("[data-out]");
    const box = row.querySelector("[type=checkbox]");
    const handle = row.querySelector(".lp-handle");
    row.querySelector(".lp-place").hidden = box.closest("label").hidden = true;
    out.hidden = handle.hidden = false;
    // Only by the handle: text in the fields is chosen by dragging as well.
    handle.addEventListener("pointerdown", () => {
      row.draggable = true;
    });
    row.addEventListener("dragend", () => {
      row.draggable = false;
    });
    out.addEventListener("click", () => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      box.checked = true;
      row.hidden = true;
      (next && !next.hidden ? next.querySelector("[data-out]") : add).focus();
      number();
    });
  }

  for (const row of rows()) dress(row);
  add.hidden = false;
  add.addEventListener("click", () => {
    const index = Number(total.value);
    const row = document.createElement("template");
    row.innerHTML = menu.querySelector("template").innerHTML.replaceAll("__prefix__", index).replaceAll("__number__", index + 1);
    total.value = index + 1;
    const fresh = row.content.querySelector("li");
    list.append(fresh);
    dress(fresh);
    number();
    fresh.querySelector("input[type=text]").focus();
  });
  list.addEventListener("dragstart", (event) => {
    carried = event.target.closest("li");
    carried.classList.add("carried");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  list.addEventListener("dragover", (event) => {
    const row = event.target.closest("li");
    if (!carried || !row || row === carried) return;
    event.preventDefault();
    for (const each of rows()) each.classList.remove("over", "under");
    row.classList.add(isBelow(row, event.clientY) ? "under" : "over");
  });
  list.addEventListener("drop", (event) => {
    const row = event.target.closest("li");
    if (!carried || !row || row === carried) return;
    event.preventDefault();
    row[isBelow(row, event.clientY) ? "after" : "before"](carried);
    number();
  });
  list.addEventListener("dragend", () => {
    carried = null;
    unmark();
  });
  list.addEventListener("keydown", (event) => {
    if (!event.target.matches(".lp-handle") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const row = event.target.closest("li");
    const seen = rows();
    const beside = seen[seen.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
    if (!beside) return;
    beside[event.key === "ArrowUp" ? "before" : "after"](row);
    event.target.focus();
    number();
  });
}
