// Text and preview scroll together: each block of the preview is found in the text by its first letters.
import { measureOf } from "./text.js";

const SIGNS = /[\p{L}\p{N}]/gu;
const KEY = 28;
const TRIES = 60;
const BLOCKS = ":scope > *, :scope > ul > li, :scope > ol > li, :scope > blockquote > p, :scope tr, .notes li";
const UNSEEN = ".anc, .fnref, .back, .admonition-title";

// What of a text is shown, as letters and digits alone, with the place of each. Addresses, tags and marks are left out.
export function lettersOf(source) {
  const blank = (part) => " ".repeat(part.length);
  const seen = source
    .replace(/^ {0,3}(?:`{3,}|~{3,}).*$/gm, blank)
    .replace(/\]\([^)\n]*\)|\[\^[^\]\s]+\]:?|<[^>\n]*>|&#?\w+;/g, blank)
    .replace(/^[ \t>]*(?:\d+[.)]|[-*+]) (?:\[[ xX]\] )?/gm, blank)
    .replace(/^[ \t>]*\[!\w+\]/gm, blank);
  let letters = "";
  const places = [];
  const starts = [];
  let at = 0;
  for (const line of seen.split("\n")) {
    let first = true;
    for (const match of line.matchAll(SIGNS)) {
      for (const sign of match[0].toLowerCase()) {
        letters += sign;
        // A sign beyond the first plane is two places long.
        for (let count = 0; count < sign.length; count += 1) {
          places.push(at + match.index);
          starts.push(first);
          first = false;
        }
      }
    }
    at += line.length + 1;
  }
  return { letters, places, starts };
}

function keyOf(element) {
  const holder = element.matches(".code, .tw") ? (element.querySelector("pre, tr") ?? element) : element;
  let text = "";
  const walk = holder.ownerDocument.createTreeWalker(holder, 4);
  while (text.length < KEY * 3 && walk.nextNode()) {
    if (!walk.currentNode.parentElement.closest(UNSEEN)) text += walk.currentNode.data;
  }
  return (text.match(SIGNS) ?? []).join("").toLowerCase().slice(0, KEY);
}

// Places in the source of the blocks of `root`, in order: [element, place]; what is not found is left out.
export function placesOf(root, source) {
  const { letters, places, starts } = lettersOf(source);
  const found = [];
  let from = 0;
  let definitions = false;
  for (const element of root.querySelectorAll(BLOCKS)) {
    if (element.matches(".notes")) continue;
    if (element.closest(".notes") && !definitions) definitions = true;
    const image = !element.textContent.trim() && element.querySelector("img");
    if (image) {
      const at = source.indexOf(image.getAttribute("src"), places[from] ?? source.length);
      if (at !== -1) found.push([element, source.lastIndexOf("\n", at) + 1]);
      continue;
    }
    const key = keyOf(element);
    if (!key) continue;
    let at = letters.indexOf(key, from);
    for (let tries = 0; at !== -1 && !starts[at] && tries < TRIES; tries += 1) at = letters.indexOf(key, at + 1);
    if (at === -1 || !starts[at]) continue;
    // Notes may be defined anywhere; those in the middle of the text do not take the preview to its end.
    if (definitions && letters.length - at > letters.length / 2 && found.length > 2) continue;
    found.push([element, places[at]]);
    from = at + (element.matches("ul, ol, blockquote, .tw") ? 0 : 1);
  }
  return found;
}

export function followEachOther(page, field, frame, rootOf) {
  const measure = measureOf(field);
  let table = null;
  let leader = "text";
  let muted = 0;

  // Pairs of heights, the page's and the preview's, both growing.
  function pairs() {
    if (table) return table;
    const root = rootOf();
    if (!root || !frame.offsetParent) return null;
    measure.renew();
    const top = field.getBoundingClientRect().top + window.scrollY;
    const down = frame.contentWindow.scrollY;
    const ends = [document.documentElement.scrollHeight, frame.contentDocument.documentElement.scrollHeight];
    table = [[0, 0]];
    const places = [...placesOf(root, field.value).map(([element, place]) => [top + measure.at(place), element.getBoundingClientRect().top + down]), ends];
    for (const [a, b] of places) {
      const [lastA, lastB] = table.at(-1);
      if (a > lastA && b > lastB) table.push([a, b]);
    }
    return table;
  }
  // The line looked at wanders from the top of the window to its end, as the window does from the text's top to its end.
  function follow(from, to, side) {
    const known = pairs();
    if (!known || known.length < 2) return;
    const most = from.whole - from.seen;
    const part = most > 0 ? Math.min(1, from.at / most) : 0;
    const line = from.at + part * from.seen;
    let index = known.findIndex((pair) => pair[side] > line);
    if (index === -1) index = known.length - 1;
    const [before, after] = [known[Math.max(0, index - 1)], known[index]];
    const along = (line - before[side]) / (after[side] - before[side] || 1);
    const there = before[1 - side] + along * (after[1 - side] - before[1 - side]);
    const y = Math.round(there - part * to.seen);
    if (Math.abs(y - to.at) < 2) return;
    muted = performance.now() + 120;
    to.go(y);
  }
  const text = () => ({
    at: window.scrollY,
    seen: window.innerHeight,
    whole: document.documentElement.scrollHeight,
    go: (y) => window.scrollTo({ top: y, behavior: "instant" }),
  });
  const sheet = () => ({
    at: frame.contentWindow.scrollY,
    seen: frame.contentWindow.innerHeight,
    whole: frame.contentDocument.documentElement.scrollHeight,
    go: (y) => frame.contentWindow.scrollTo({ top: y, behavior: "instant" }),
  });
  let asked = 0;
  const soon = (act) => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(act);
  };
  const followText = () => leader === "text" && frame.contentDocument?.body && follow(text(), sheet(), 0);
  const followSheet = () => leader === "sheet" && follow(sheet(), text(), 1);

  window.addEventListener("scroll", () => leader === "text" && performance.now() > muted && soon(followText), { passive: true });
  for (const name of ["wheel", "pointerdown", "touchstart", "keydown"]) {
    window.addEventListener(name, () => { leader = "text"; }, { passive: true, capture: true });
  }
  const stale = () => {
    table = null;
  };
  window.addEventListener("resize", stale);
  field.addEventListener("lp:moved", stale);

  return {
    // The preview is another page now: hear when it is scrolled.
    begin() {
      stale();
      const inner = frame.contentWindow;
      for (const name of ["wheel", "pointerdown", "touchstart", "keydown"]) {
        inner.addEventListener(name, () => { leader = "sheet"; }, { passive: true, capture: true });
      }
      inner.addEventListener("scroll", () => leader === "sheet" && performance.now() > muted && soon(followSheet), { passive: true });
      new inner.ResizeObserver(stale).observe(inner.document.body);
    },
    stale,
    // After the preview has changed it stands beside what is being written again.
    settle() {
      stale();
      if (leader === "text") soon(followText);
    },
  };
}
