// Categories move by dragging or by the arrow keys on their handle; both fill the form that works without either.
const tree = document.querySelector("[data-tree]");
const form = document.getElementById("move");

function move(category, position, target) {
  form.elements.category.value = category;
  form.elements.position.value = position;
  form.elements.target.value = target;
  form.requestSubmit();
}

const branch = (element) => element?.closest("li[data-pk]");

if (tree && form) {
  let carried = null;
  const clear = () => {
    for (const twig of tree.querySelectorAll(".lp-twig")) twig.classList.remove("over-left", "over-right", "over-last-child", "carried");
  };
  const placeOver = (twig, y) => {
    const box = twig.getBoundingClientRect();
    const share = (y - box.top) / box.height;
    return share < 0.28 ? "left" : share > 0.72 ? "right" : "last-child";
  };

  tree.addEventListener("dragstart", (event) => {
    carried = branch(event.target);
    carried.querySelector(".lp-twig").classList.add("carried");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", carried.dataset.name);
  });
  tree.addEventListener("dragover", (event) => {
    const twig = event.target.closest(".lp-twig");
    const item = branch(twig);
    if (!item || !carried || carried.contains(item)) return;
    event.preventDefault();
    for (const other of tree.querySelectorAll(".lp-twig")) other.classList.remove("over-left", "over-right", "over-last-child");
    twig.classList.add(`over-${placeOver(twig, event.clientY)}`);
  });
  tree.addEventListener("drop", (event) => {
    const twig = event.target.closest(".lp-twig");
    const item = branch(twig);
    if (!item || !carried || carried.contains(item)) return;
    event.preventDefault();
    move(carried.dataset.pk, placeOver(twig, event.clientY), item.dataset.pk);
  });
  tree.addEventListener("dragend", () => {
    carried = null;
    clear();
  });

  for (const handle of tree.querySelectorAll(".lp-handle")) handle.hidden = false;
  tree.addEventListener("keydown", (event) => {
    if (!event.target.matches(".lp-handle")) return;
    const item = branch(event.target);
    const before = item.previousElementSibling;
    const after = item.nextElementSibling;
    const above = branch(item.parentElement);
    const steps = {
      ArrowUp: before && ["left", before],
      ArrowDown: after && ["right", after],
      ArrowRight: before && ["last-child", before],
      ArrowLeft: above && ["right", above],
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (step) move(item.dataset.pk, step[0], step[1].dataset.pk);
  });

  // After a move the same handle has the focus again.
  if (location.hash.startsWith("#category-")) {
    document.getElementById(location.hash.slice(1))?.querySelector(".lp-handle")?.focus();
  }
}
