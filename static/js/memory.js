// What this browser alone remembers of a post: a short sign per passage as it was at the last visit. Nothing is sent
// anywhere. When passages have changed since, `marks.js` is fetched to show which.
import { forget, isAllowed, read, write } from "./remembering.js";

export const blocks = (prose) =>
  [...prose.children].flatMap((block) =>
    block.matches("ul, ol, section") ? [...block.querySelectorAll(":scope > li, :scope > ol > li")] : [block],
  );

// Signs of the page's own machinery, and the numbers of notes, which move when another note comes before them.
const NOT_TEXT = ".anc, .fnref, .back, button, .since-note";

function words(block) {
  let whole = block;
  if (block.querySelector(NOT_TEXT)) {
    whole = block.cloneNode(true);
    for (const part of whole.querySelectorAll(NOT_TEXT)) part.remove();
  }
  const pictures = [...whole.querySelectorAll("img")].map((picture) => picture.alt);
  return [whole.textContent, ...pictures].join(" ").replace(/\s+/g, " ").trim();
}

// FNV-1a, 32 bits: a passage that changed is taken for an old one about once in a million.
export function sign(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}

// Which places of `now` are new or changed, and how many passages of `before` are gone. What only moved is neither.
export function compare(before, now) {
  const places = new Map();
  before.forEach((one, at) => places.has(one) ? places.get(one).push(at) : places.set(one, [at]));
  for (const found of places.values()) found.reverse();
  const from = now.map((one) => places.get(one)?.pop() ?? -1);
  const left = new Set(before.keys());
  for (const at of from) left.delete(at);
  const fresh = [], changed = [];
  let behind = -1;
  from.forEach((at, place) => {
    if (at >= 0) {
      behind = at;
    } else if (left.delete(behind + 1)) {
      behind += 1;
      changed.push(place);
    } else {
      fresh.push(place);
    }
  });
  return { fresh, changed, gone: left.size };
}

async function visit(page) {
  const { post, version, marks, style } = page.dataset;
  const known = read(post);
  const prose = document.querySelector(".prose");
  if (!prose) return;
  const all = blocks(prose);
  const signs = all.map((block) => sign(words(block)));
  const remember = () => write(post, version, signs);
  if (!known || known.version === version) {
    remember();
    return;
  }
  const found = compare(known.signs, signs);
  if (!found.fresh.length && !found.changed.length && !found.gone) {
    remember();
    return;
  }
  const { show } = await import(marks);
  show({ page, style, all, found, since: known.at, seen: remember, forget });
}

const page = document.getElementById("memory");
if (page && isAllowed()) {
  const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
  later(() => visit(page), { timeout: 2000 });
}
