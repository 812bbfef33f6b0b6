// Make a part of a page say what a fresh one says, touching only what differs: what stayed the same stays the same node.
const MOST_PAIRS = 250_000;

const keyOf = (node) => (node.nodeType === 1 ? node.outerHTML : node.data);

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    // Whether a fold is open is the reader's business.
    if (!fresh.hasAttribute(name) && !(name === "open" && old.tagName === "DETAILS")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function morph(old, fresh) {
  if (old.nodeType === 3) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  attributes(old, fresh);
  patch(old, fresh);
}

// Which of `after` are in `before` already, in the same order: pairs [in before, in after] of the longest such row.
function common(before, after) {
  const [n, m] = [before.length, after.length];
  if (n * m === 0 || n * m > MOST_PAIRS) return [];
  const one = before.map(keyOf);
  const two = after.map(keyOf);
  const width = m + 1;
  const length = new Uint16Array((n + 1) * width);
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let j = m - 1; j >= 0; j -= 1) {
      length[i * width + j] = one[i] === two[j] ? length[(i + 1) * width + j + 1] + 1 : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < n && j < m; ) {
    if (one[i] === two[j]) pairs.push([i++, j++]);
    else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return pairs;
}

// Between two kept neighbours: what is of the same kind is changed in place, the rest comes and goes.
function between(parent, before, after, stop) {
  const paired = Math.min(before.length, after.length);
  for (let index = 0; index < paired; index += 1) {
    const [old, fresh] = [before[index], after[index]];
    if (old.nodeName === fresh.nodeName) morph(old, fresh);
    else old.replaceWith(parent.ownerDocument.importNode(fresh, true));
  }
  for (const old of before.slice(paired)) old.remove();
  for (const fresh of after.slice(paired)) parent.insertBefore(parent.ownerDocument.importNode(fresh, true), stop);
}

export function patch(parent, fresh) {
  let before = [...parent.childNodes];
  let after = [...fresh.childNodes];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start].isEqualNode(after[start])) start += 1;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end].isEqualNode(after[after.length - 1 - end])) end += 1;
  const tail = before[before.length - end] ?? null;
  before = before.slice(start, before.length - end);
  after = after.slice(start, after.length - end);
  let [i, j] = [0, 0];
  for (const [next, nextFresh] of [...common(before, after), [before.length, after.length]]) {
    between(parent, before.slice(i, next), after.slice(j, nextFresh), before[next] ?? tail);
    [i, j] = [next + 1, nextFresh + 1];
  }
}
