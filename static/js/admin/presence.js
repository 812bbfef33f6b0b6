// Who else is at this post, and what they have saved. Without sockets, or while they are away, nothing is shown.
import { openSocket } from "./socket.js";

const SAID = { publish: "published", restore: "restored", import: "imported" };
// After a save of one's own this page is on its way to the next; what it still hears is old.
const LEAVING = 10_000;
const FACES = 3;

// Times come with the publication's own clock.
const clock = (moment) => moment.slice(11, 16);

function inWords(names) {
  if (names.length < 3) return names.join(" and ");
  const others = names.length - 2;
  return `${names[0]}, ${names[1]} and ${others} other${others > 1 ? "s" : ""}`;
}

export function followEditors(form) {
  const place = form.querySelector(".lp-here");
  if (!place) return;
  const notice = form.querySelector(".lp-newer-saved");
  const aloud = form.querySelector("[data-here-said]");
  const base = Number(form.elements.base_version?.value) || 0;
  const others = new Map();
  let me = null;
  let shown = base;
  let leftAt = -LEAVING;

  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) leftAt = performance.now();
  });

  function draw() {
    const people = [...others.values()];
    const names = people.map((person) => person.name);
    place.hidden = people.length === 0;
    place.title = people.map((person) => `${person.name}, since ${clock(person.since)}`).join("\n");
    place.querySelector(".lp-monos").replaceChildren(
      ...people.slice(0, FACES).map((person) => {
        const face = document.createElement("span");
        face.className = `lp-mono lp-hue-${person.colour}`;
        face.textContent = person.initial;
        return face;
      }),
    );
    const since = people.length === 1 ? `, since ${clock(people[0].since)}` : "";
    const sentence = people.length ? `${inWords(names)} ${people.length > 1 ? "are" : "is"} here too${since}` : "";
    place.querySelector(".lp-whoshere").textContent = sentence;
    return sentence;
  }

  function come(person) {
    const known = others.has(person.id);
    others.set(person.id, person);
    const sentence = draw();
    if (!known) aloud.textContent = `${sentence}.`;
  }

  function go(person) {
    if (!others.delete(person.id)) return;
    draw();
    aloud.textContent = `${person.name} has left.`;
  }

  function tellOfVersion(number, sentence) {
    if (number <= shown || performance.now() - leftAt < LEAVING) return;
    shown = number;
    notice.querySelector("[role=status]").textContent = `${sentence} Yours began from ${base}, and is not lost.`;
    const { compare, version } = notice.dataset;
    notice.querySelector("a").href = base ? `${compare}?from=${base}&to=${number}` : `${version}${number}/`;
    notice.hidden = false;
  }

  function tellOfSave({ number, by, at, kind }) {
    const verb = SAID[kind] ?? "saved";
    const where = by?.id === me ? " in another window" : "";
    const who = by === null ? "The clock" : by.id === me ? "You" : by.name;
    tellOfVersion(number, `${who} ${verb} version ${number} at ${clock(at)}${where}.`);
  }

  // What autosaving hears of newer versions is told here as well, and only once.
  document.addEventListener("letterpress:newer", (event) => {
    event.preventDefault();
    const { number, by, clock: time } = event.detail;
    tellOfVersion(number, `${by || "The clock"} saved version ${number} at ${time}.`);
  });

  const heard = {
    "editing.here"({ me: own, people, newest }) {
      me = own;
      const here = (people ?? []).filter((person) => person.id !== me);
      const ids = new Set(here.map((person) => person.id));
      for (const person of [...others.values()]) if (!ids.has(person.id)) go(person);
      here.forEach(come);
      if (newest) tellOfSave(newest);
    },
    "editor.joined": ({ person, since }) => come({ ...person, since }),
    "editor.left": ({ person }) => go(person),
    "post.saved": tellOfSave,
    "post.moved"(moved) {
      if (performance.now() - leftAt >= LEAVING) document.dispatchEvent(new CustomEvent("letterpress:moved", { detail: moved }));
    },
  };
  const socket = openSocket(place.dataset.socket, {
    message: (content) => heard[content.type]?.(content),
    closed({ final }) {
      if (final) document.dispatchEvent(new CustomEvent("letterpress:shut-out"));
      // Nobody knows now; who is still here is told on coming back.
      others.clear();
      draw();
    },
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") socket.send({ type: "who" });
  });
}
