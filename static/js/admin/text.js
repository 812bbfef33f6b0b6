// Writing into the text, so that the browser's own undo takes it back.
export const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

// Chromium puts in plain text in the square of its length, and the same text as HTML at once.
const LONG = 4000;

function insert(field, text, start, end) {
  if (text === "") return start === end || document.execCommand("delete");
  if (text.length > LONG) {
    const wanted = field.value.slice(0, start) + text + field.value.slice(end);
    const asHtml = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    if (document.execCommand("insertHTML", false, asHtml)) {
      if (field.value === wanted) return true;
      document.execCommand("undo");
      field.setSelectionRange(start, end);
    }
  }
  return document.execCommand("insertText", false, text);
}

// What was here is replaced by `text`; what is chosen afterwards is between the last two numbers.
export function write(field, text, start, end, selectStart = null, selectEnd = null) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  // The only way that keeps undo; where it is gone, undo is what is lost, not the text.
  if (!insert(field, text, start, end)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  if (selectStart !== null) field.setSelectionRange(selectStart, selectEnd ?? selectStart);
}

// A block of its own: an empty line before it, a line end after it.
export function writeBlock(field, text, selectFrom = 0, selectLength = 0) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const head = value.slice(0, start);
  const before = start === 0 || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
  const from = start + before.length + selectFrom;
  write(field, `${before}${text}\n`, start, end, from, from + selectLength);
}

// Where a place in the text of `before` is in `after`.
export function moved(place, before, after) {
  let same = 0;
  const most = Math.min(before.length, after.length, place);
  while (same < most && before[same] === after[same]) same += 1;
  return same === place ? place : Math.max(0, Math.min(after.length, place + after.length - before.length));
}

// Whether a place lies in a block of code, where nothing means anything but itself.
export function isCode(value, place) {
  let fence = "";
  for (const line of value.slice(0, place).split("\n")) {
    const found = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (!found) continue;
    if (!fence) fence = found;
    else if (found[0] === fence[0] && found.length >= fence.length) fence = "";
  }
  return fence !== "";
}

const COPIED = [
  ...["fontFamily", "fontSize", "fontWeight", "fontStyle", "fontVariantNumeric", "fontFeatureSettings", "fontKerning"],
  ...["letterSpacing", "lineHeight", "wordSpacing", "tabSize", "textIndent", "textTransform", "unicodeBidi", "direction"],
  ...["paddingTop", "paddingRight", "paddingBottom", "paddingLeft", "textAlign"],
];

// How far below the top of a field a place of its text stands: an unseen copy of the field is measured.
export function measureOf(field) {
  const copy = document.createElement("div");
  copy.className = "lp-shadow-text";
  copy.setAttribute("aria-hidden", "true");
  const text = document.createTextNode("");
  copy.append(text);
  field.after(copy);
  const range = document.createRange();
  let width = 0;
  let top = 0;
  let left = 0;
  return {
    // To be called before measuring whenever the text or the page may have changed.
    renew() {
      if (width !== field.clientWidth) {
        const style = getComputedStyle(field);
        for (const name of COPIED) copy.style[name] = style[name];
        width = field.clientWidth;
        copy.style.width = `${width}px`;
      }
      // The last place needs something to stand on.
      const value = `${field.value}\u200b`;
      if (text.data !== value) text.data = value;
      ({ top, left } = copy.getBoundingClientRect());
    },
    at(place) {
      range.setStart(text, place);
      range.setEnd(text, place + 1);
      const boxes = range.getClientRects();
      return (boxes.length ? boxes[boxes.length - 1].top : range.getBoundingClientRect().top) - top;
    },
    // Where a stretch of the text lies, line by line, within the field.
    boxes(start, end) {
      range.setStart(text, start);
      range.setEnd(text, end);
      return [...range.getClientRects()].map((box) => ({ left: box.left - left, top: box.top - top, width: box.width, height: box.height }));
    },
  };
}

// Bring a place of the text into view, a third below the top.
export function show(field, measure, place) {
  measure.renew();
  const y = measure.at(place) + field.getBoundingClientRect().top;
  if (y < 96 || y > window.innerHeight - 160) window.scrollBy({ top: y - window.innerHeight / 3 });
}
