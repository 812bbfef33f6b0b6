// What the browser holds until the server has it: one entry for every open form of one person.
const PREFIX = "letterpress:unsaved:";

const nameOf = (user, key) => `${PREFIX}${user}:${key}`;

// Storage may be full, forbidden or away; the server's copy is the one that counts.
function tried(deed) {
  try {
    return deed();
  } catch {
    return null;
  }
}

// Whether the browser has kept it.
export function put(user, entry) {
  return Boolean(
    tried(() => {
      localStorage.setItem(nameOf(user, entry.key), JSON.stringify(entry));
      return true;
    }),
  );
}

export function drop(user, key) {
  tried(() => localStorage.removeItem(nameOf(user, key)));
}

export function newKey(of) {
  const mark = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return of === "new" ? `new:${mark}` : `post:${of}:${mark}`;
}

// While a page is open, its entry is its own; the browser lets go of it however the page ends.
export function claim(user, key) {
  navigator.locks?.request(nameOf(user, key), () => new Promise(() => {})).catch(() => {});
}

async function unlessOpen(user, key, deed) {
  if (!navigator.locks) return deed();
  return navigator.locks.request(nameOf(user, key), { ifAvailable: true }, (lock) => (lock ? deed() : null));
}

function entries(user) {
  const mine = tried(() => Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${user}:`))) ?? [];
  return mine.map((name) => tried(() => JSON.parse(localStorage.getItem(name)))).filter((entry) => entry?.key && entry.fields);
}

// Hand over to the server what pages that are no longer open left behind. `send(entry)` and `ask(key)` are the answers
// of the server, { status, said }. Resolves to what was handed over: the posts (or "new") it belongs to.
export async function handOver({ user, but, send, ask }) {
  const handed = new Set();

  async function hand(entry) {
    const there = await ask(entry.key);
    if (there.status === 200) {
      // Saved: the server forgot the text of that form.
      if (entry.submitted && there.said.sequence === 0) return drop(user, entry.key);
      if (there.said.sequence_in_database >= entry.sequence) {
        handed.add(entry.of);
        return drop(user, entry.key);
      }
    }
    const { status, said } = await send(entry);
    if (status === 200) {
      if (said.in_database || !said.kept) drop(user, entry.key);
      if (said.kept) handed.add(entry.of);
    } else if (status === 410) {
      // The post it was typed at is gone; as a new one it still can be read.
      const orphan = { ...entry, key: newKey("new"), of: "new", base_version: null };
      const moved = put(user, orphan);
      if (moved) drop(user, entry.key);
      const answer = await send(orphan);
      if (answer.status === 200) handed.add("new");
      if (answer.status === 200 && answer.said.in_database) drop(user, moved ? orphan.key : entry.key);
    }
  }

  for (const entry of entries(user)) {
    if (entry.key !== but) await unlessOpen(user, entry.key, () => hand(entry));
  }
  return handed;
}

// The texts that are offered on this page, as the server draws them.
export async function showOffers(place, of) {
  const answer = await fetch(`${place.dataset.unsaved}?of=${encodeURIComponent(of)}`, { redirect: "manual" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drawn = page.querySelector("[data-offers]");
  if (drawn) place.querySelector("[data-offers]").replaceChildren(...document.adoptNode(drawn).childNodes);
}
