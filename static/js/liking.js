// Likes at once and tells the server afterwards; what it refuses is taken back. What a guest likes their browser alone
// knows, for the month in which the site knows them again.
import { store } from "./remembering.js";

const KEY = "likes";
const month = new Date().toISOString().slice(0, 7);
const mine = new Set();
try {
  const [then, ...names] = (store?.getItem(KEY) ?? "").split(" ");
  if (then === month) names.forEach((name) => mine.add(name));
} catch {
  // A browser that keeps nothing shows every button as new.
}

function remember(name, liked) {
  mine[liked ? "add" : "delete"](name);
  try {
    store?.setItem(KEY, [month, ...[...mine].slice(-500)].join(" "));
  } catch {
    // Full or refused: the like counts all the same.
  }
}

function show(form, liked, count) {
  const button = form.querySelector("button"), number = button.querySelector("b");
  button.value = liked ? "0" : "1";
  button.setAttribute("aria-pressed", String(liked));
  number.textContent = count;
  number.hidden = count < 1;
}

const state = (form) => [form.querySelector("button").value === "0", Number(form.querySelector("b").textContent)];

function prepare(place) {
  for (const form of place.querySelectorAll("[data-like]:not([data-member])")) {
    if (mine.has(form.dataset.like)) show(form, true, Math.max(1, state(form)[1]));
  }
}

// One question at a time, until the server knows what the last click wanted.
async function settle(form, known) {
  form.ariaBusy = "true";
  try {
    let wanted;
    do {
      [wanted] = state(form);
      const body = new URLSearchParams({ like: wanted ? "1" : "0" });
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.statusText);
      known = [wanted, (await answer.json()).count];
      if (!("member" in form.dataset)) remember(form.dataset.like, wanted);
    } while (state(form)[0] !== wanted);
  } catch {
    // Refused or away: what it knew last is shown again.
  } finally {
    show(form, ...known);
    form.ariaBusy = null;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-like]");
  if (!form) return;
  event.preventDefault();
  const known = state(form), [liked, count] = known;
  show(form, !liked, Math.max(0, count + (liked ? -1 : 1)));
  if (form.ariaBusy !== "true") settle(form, known);
});

prepare(document);
document.addEventListener("comment-shown", ({ detail }) => prepare(detail.shown));
