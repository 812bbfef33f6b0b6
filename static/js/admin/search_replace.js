// Search and replace in the text: plain words, no patterns. Everything replaced at once is undone at once.
import { measureOf, show, write } from "./text.js";

const LETTER = /[\p{L}\p{N}\p{M}_]/u;

// Places of `wanted` in `text`, none overlapping another.
export function placesOf(text, wanted, { sameCase = false, wholeWords = false } = {}) {
  if (!wanted) return [];
  // Some letters change their number in lower case (İ); then only the same case can be told by place.
  const lower = text.toLowerCase();
  const fold = !sameCase && lower.length === text.length;
  const where = fold ? lower : text;
  const what = fold ? wanted.toLowerCase() : wanted;
  const found = [];
  for (let at = where.indexOf(what); at !== -1; at = where.indexOf(what, at)) {
    const end = at + what.length;
    const inside =
      wholeWords &&
      ((LETTER.test(what[0]) && LETTER.test(text[at - 1] ?? " ")) || (LETTER.test(what.at(-1)) && LETTER.test(text[end] ?? " ")));
    if (!inside) found.push(at);
    at = inside ? at + 1 : end;
  }
  return found;
}

export function followSearch(page, field) {
  const panel = page.querySelector(".lp-seek");
  const tools = page.querySelector(".lp-tools");
  const wanted = panel.querySelector("[data-seek=wanted]");
  const instead = panel.querySelector("[data-seek=instead]");
  const count = panel.querySelector("output");
  const switches = [...panel.querySelectorAll("[aria-pressed]")];
  const measure = measureOf(field);
  let places = [];
  let current = -1;
  let known = null;
  let marks = [];
  tools.after(panel);

  // A selection is seen only where the caret is; what is found is marked behind the text.
  function paint(start, end) {
    for (const mark of marks) mark.remove();
    marks = [];
    if (start === end) return;
    measure.renew();
    for (const box of measure.boxes(start, end).slice(0, 50)) {
      const mark = document.createElement("i");
      mark.className = "lp-found";
      for (const side of ["left", "top", "width", "height"]) {
        const from = { left: field.offsetLeft, top: field.offsetTop }[side] ?? 0;
        mark.style[side] = `${box[side] + from}px`;
      }
      marks.push(mark);
    }
    field.after(...marks);
  }

  const options = () => ({
    sameCase: switches[0].getAttribute("aria-pressed") === "true",
    wholeWords: switches[1].getAttribute("aria-pressed") === "true",
  });
  const said = () => {
    if (!wanted.value) count.textContent = "";
    else if (!places.length) count.textContent = "None";
    else count.textContent = current < 0 ? places.length.toLocaleString("en-GB") : `${(current + 1).toLocaleString("en-GB")} of ${places.length.toLocaleString("en-GB")}`;
  };
  function look() {
    const asked = JSON.stringify([wanted.value, options()]);
    if (known && known.asked === asked && known.text === field.value) return;
    known = { asked, text: field.value };
    places = placesOf(field.value, wanted.value, options());
    current = -1;
    paint(0, 0);
    said();
  }
  function mark(index, stay) {
    look();
    if (!places.length) return;
    current = (index + places.length) % places.length;
    const at = places[current];
    field.setSelectionRange(at, at + wanted.value.length);
    show(field, measure, at);
    paint(at, at + wanted.value.length);
    if (!stay) field.focus({ preventScroll: true });
    said();
  }
  const after = (place) => {
    const index = places.findIndex((at) => at >= place);
    return index === -1 ? 0 : index;
  };
  const step = (back, stay = true) => {
    look();
    if (!back) return mark(current < 0 ? after(field.selectionStart) : after(field.selectionStart + (field.selectionStart === places[current] ? 1 : 0)), stay);
    const before = places.filter((at) => at < field.selectionStart).length - 1;
    return mark(before, stay);
  };
  function replace() {
    look();
    if (current < 0 || field.selectionStart !== places[current]) return step(false);
    const at = places[current];
    const inPanel = document.activeElement;
    write(field, instead.value, at, at + wanted.value.length, at + instead.value.length);
    inPanel.focus({ preventScroll: true });
    look();
    return places.length ? mark(after(at + instead.value.length), true) : said();
  }
  function replaceAll() {
    look();
    if (!places.length) return;
    const [first, last] = [places[0], places.at(-1) + wanted.value.length];
    const text = field.value;
    const parts = [];
    let from = first;
    for (const at of places) {
      parts.push(text.slice(from, at), instead.value);
      from = at + wanted.value.length;
    }
    const number = places.length;
    const inPanel = document.activeElement;
    write(field, parts.join(""), first, last, first);
    inPanel.focus({ preventScroll: true });
    look();
    count.textContent = `${number.toLocaleString("en-GB")} replaced`;
  }
  function open() {
    const { selectionStart: start, selectionEnd: end, value } = field;
    const chosen = value.slice(start, end);
    if (chosen && chosen.length <= 200 && !chosen.includes("\n")) wanted.value = chosen;
    panel.hidden = false;
    wanted.focus();
    wanted.select();
    look();
  }
  function close() {
    panel.hidden = true;
    paint(0, 0);
    field.focus({ preventScroll: true });
  }

  const deeds = { next: () => step(false), back: () => step(true), replace, all: replaceAll, close };
  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (switches.includes(button)) {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      look();
    } else deeds[button.dataset.seek]?.();
  });
  // What is typed here is no change of the post.
  for (const name of ["input", "change"]) panel.addEventListener(name, (event) => event.stopPropagation());
  wanted.addEventListener("input", look);
  field.addEventListener("input", () => marks.length && paint(0, 0));
  panel.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      if (event.target === instead) replace();
      else step(event.shiftKey);
    }
  });
  page.addEventListener("keydown", (event) => {
    const again = event.key === "F3" || ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "g");
    if (!again || panel.hidden || event.isComposing) return;
    event.preventDefault();
    step(event.shiftKey, event.target !== field);
  });
  return open;
}
