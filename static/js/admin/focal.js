// The point of a picture every shape is cut around: set by clicking, dragging or the arrow keys. The two number fields stay
// what is sent; the crops beside the picture follow them.
const STEP = 0.01;
const LEAP = 0.1;
const PROPORTIONS = { "16x9": 16 / 9, "1x1": 1, card: 1200 / 630 };

const within = (value) => Math.min(1, Math.max(0, Number.isFinite(value) ? value : 0.5));
const percent = (part) => `${Math.round(part * 100)} %`;

// Where a picture of `long` is cut to `cut` around the point, as the percentage object-position wants.
const offset = (long, cut, point) => (long <= cut ? 50 : (100 * Math.min(Math.max(point * long - cut / 2, 0), long - cut)) / (long - cut));

export function cutAt(width, height, proportion, x, y) {
  const across = Math.min(width, height * proportion);
  const down = Math.min(height, width / proportion);
  return `${offset(width, across, x)}% ${offset(height, down, y)}%`;
}

export function followFocal(box) {
  const [fieldX, fieldY] = [document.getElementById("id_focal_x"), document.getElementById("id_focal_y")];
  if (!fieldX || !fieldY) return;
  const { width, height, small } = box.dataset;
  const mark = box.querySelector(".lpm-mark");
  const live = box.querySelector("[data-live]");
  const crops = [...document.querySelectorAll("[data-crop]")];
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = "lpm-focus";
  box.append(handle);
  box.classList.add("live");
  mark.remove();
  for (const part of document.querySelectorAll("[data-by-hand]")) part.hidden = false;

  const now = () => [within(fieldX.valueAsNumber), within(fieldY.valueAsNumber)];
  function draw(moved = true) {
    const [x, y] = now();
    handle.style.left = `${x * 100}%`;
    handle.style.top = `${y * 100}%`;
    handle.setAttribute("aria-label", `Focal point, ${percent(x)} from the left, ${percent(y)} from the top. The arrow keys move it.`);
    if (!moved) return;
    for (const crop of crops) {
      if (!crop.src.endsWith(small)) crop.src = small;
      crop.style.objectPosition = cutAt(Number(width), Number(height), PROPORTIONS[crop.dataset.crop], x, y);
    }
  }
  function move(x, y) {
    fieldX.value = within(x).toFixed(2);
    fieldY.value = within(y).toFixed(2);
    draw();
    for (const field of [fieldX, fieldY]) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const pointAt = (event) => {
    const { left, top, width: across, height: down } = box.getBoundingClientRect();
    move((event.clientX - left) / across, (event.clientY - top) / down);
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    pointAt(event);
    handle.focus({ preventScroll: true });
  });
  box.addEventListener("pointermove", (event) => {
    if (box.hasPointerCapture(event.pointerId)) pointAt(event);
  });
  handle.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? LEAP : STEP;
    const [x, y] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [];
    if (x === undefined) return;
    event.preventDefault();
    const [atX, atY] = now();
    move(atX + x, atY + y);
    live.textContent = `${percent(now()[0])} from the left, ${percent(now()[1])} from the top`;
  });
  document.querySelector("[data-centre]")?.addEventListener("click", () => {
    move(0.5, 0.5);
    live.textContent = "The focal point is in the middle.";
  });
  for (const field of [fieldX, fieldY]) field.addEventListener("input", () => draw());
  draw(false);
}
