// The store behind `memory.js`: bounded, and silent where the browser refuses storage or is told not to track.
const KEY = "read:";
export const OFF = "read-nothing";
const MOST_POSTS = 200, MOST_LETTERS = 1_000_000;

export let store = null;
try {
  store = window.localStorage;
} catch {
  // Private windows may refuse it; then every visit is the first one.
}

const asked = navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true;

export const isOff = () => Boolean(store?.getItem(OFF));
export const isAllowed = () => Boolean(store) && !asked && !isOff();

export function read(post) {
  const [version, at, signs] = (store?.getItem(KEY + post) ?? "").split("|");
  return signs === undefined || !(Number(at) > 0) ? null : { version, at: Number(at) * 1000, signs: signs.split(".") };
}

// What is kept of all posts, the latest visit first: key, time, length.
export function kept() {
  const found = [];
  for (let number = 0; number < (store?.length ?? 0); number += 1) {
    const key = store.key(number);
    if (!key.startsWith(KEY)) continue;
    const value = store.getItem(key) ?? "";
    found.push({ key, at: Number(value.split("|", 2)[1]) || 0, length: value.length });
  }
  return found.sort((one, other) => other.at - one.at);
}

export function write(post, version, signs) {
  const value = [version, Math.floor(Date.now() / 1000), signs.join(".")].join("|");
  let letters = value.length, posts = 1;
  for (const other of kept()) {
    if (other.key === KEY + post) continue;
    posts += 1;
    letters += other.length;
    if (posts > MOST_POSTS || letters > MOST_LETTERS) store.removeItem(other.key);
  }
  for (;;) {
    try {
      store.setItem(KEY + post, value);
      return;
    } catch {
      // Full, perhaps with what other pages of this site keep: the oldest visits make room, or there is none.
      const oldest = kept().filter(({ key }) => key !== KEY + post).pop();
      if (!oldest) return;
      store.removeItem(oldest.key);
    }
  }
}

export function forget() {
  for (const { key } of kept()) store.removeItem(key);
}
