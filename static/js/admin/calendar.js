// Posts are carried to another day or hour by dragging or by the keyboard. What is dropped stands there at once and goes
// back when the server refuses. Without a script every entry leads to a page that asks for a day and a time.
const root = document.querySelector("[data-calendar]");
const token = root?.querySelector("[data-token] input")?.value;
const language = document.documentElement.lang || "en-GB";
const dayWords = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });

const say = (words) => {
  root.querySelector("[data-says]").textContent = words;
};
const moveOf = (entry) => entry.querySelector(".lp-evmove").getAttribute("href");
const titleOf = (entry) => entry.querySelector(".lp-evtitle b").textContent;
const inWords = (day) => dayWords.format(new Date(`${day}T00:00Z`));
const placeOf = (day, hour) =>
  root.querySelector(`.lp-day[data-day="${day}"]`) ?? root.querySelector(`.lp-slot[data-day="${day}"][data-hour="${hour}"]`);
const byHours = () => root.querySelector(".lp-week") !== null;

// A week opens where the day begins, also in browsers that do not do so by the style sheet alone.
function openAtMorning() {
  const week = root.querySelector(".lp-week");
  const opens = week?.querySelector(".lp-opens");
  if (opens) week.scrollTop = opens.offsetTop - week.querySelector("h2").offsetHeight;
}

function shift(day, days) {
  const date = new Date(`${day}T00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function mark(place) {
  for (const other of root.querySelectorAll(".target")) other.classList.remove("target");
  place?.classList.add("target");
}

// --- what the server is told, and what it answers
async function send(url, fields) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token);
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  try {
    const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
    if ((answer.headers.get("Content-Type") ?? "").startsWith("application/json")) {
      return { done: answer.ok, ...(await answer.json()) };
    }
    const why = answer.type === "opaqueredirect" ? "You are no longer logged in; log in and move it again." : "The server did not take it.";
    return { done: false, sentence: "Nothing was moved.", reasons: [why] };
  } catch {
    return { done: false, sentence: "Nothing was moved.", reasons: ["The server could not be reached."] };
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function toast(answer) {
  const box = document.createElement("div");
  box.className = answer.done ? "lp-toast" : "lp-toast bad";
  const said = document.createElement("div");
  const sentence = document.createElement("p");
  sentence.textContent = answer.sentence;
  said.append(sentence);
  if (answer.reasons?.length) {
    const list = document.createElement("ul");
    for (const reason of answer.reasons) {
      const item = document.createElement("li");
      item.textContent = reason;
      list.append(item);
    }
    said.append(list);
  }
  if (answer.post) {
    const link = document.createElement("a");
    link.href = answer.post;
    link.textContent = "Open the post";
    said.append(link);
  }
  box.append(said);
  if (answer.back) {
    const { url, ...fields } = answer.back;
    box.append(
      button("Undo", async () => {
        box.remove();
        await settle(await send(url, fields), null);
      }),
    );
  }
  box.append(button("Dismiss", () => box.remove()));
  root.querySelector("[data-toasts]").replaceChildren(box);
  say([answer.sentence, ...(answer.reasons ?? [])].join(" "));
}

// The page as the server sees it now: order, hints and the tray follow what was moved. Nothing is taken out of a hand:
// while something is carried the page stays, and is renewed when the hand is empty.
let pressed = false;
let dragged = null;
let held = null;
let carrying = 0;
let owed = false;
let asked = 0;
const busy = () => Boolean(pressed || dragged || held || carrying || document.getElementById("ask-time").open);

async function renew() {
  owed = true;
  if (busy()) return;
  asked += 1;
  const number = asked;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector(".lp-calpage");
  // An answer that a later question overtook is out of date.
  if (!fresh || busy() || number !== asked) return;
  owed = false;
  const focused = document.activeElement.closest(".lp-ev[data-post]")?.dataset.post;
  const scrolled = root.querySelector(".lp-week")?.scrollTop;
  root.querySelector(".lp-calpage").replaceWith(document.adoptNode(fresh));
  if (scrolled !== undefined) root.querySelector(".lp-week").scrollTop = scrolled;
  const hints = page.querySelector(".lp-hints");
  const shown = root.querySelector(".lp-hints");
  if (hints && shown) {
    hints.open = shown.open;
    shown.replaceWith(hints);
  } else if (hints) root.querySelector(".lp-calpage").before(hints);
  else shown?.remove();
  makeDraggable();
  if (focused) focusOn(focused);
}

const focusOn = (post) => root.querySelector(`.lp-ev[data-post="${post}"] .lp-evmove`)?.focus();

function renewIfOwed() {
  if (owed) renew();
}

async function settle(answer, entry) {
  const post = entry?.dataset.post;
  toast(answer);
  if (answer.done || answer.meanwhile) await renew();
  else renewIfOwed();
  if (post && !busy()) focusOn(post);
}

async function carry(entry, place, url, fields) {
  const marker = document.createComment("");
  entry.before(marker);
  const within = place?.querySelector(".evs") ?? place;
  within?.append(entry);
  entry.classList.add("moving");
  entry.setAttribute("aria-busy", "true");
  carrying += 1;
  const answer = await send(url, fields);
  carrying -= 1;
  entry.classList.remove("moving");
  entry.removeAttribute("aria-busy");
  if (!answer.done) marker.replaceWith(entry);
  else {
    marker.remove();
    for (const name of ["day", "clock", "at"]) entry.dataset[name] = answer[name];
  }
  await settle(answer, entry);
}

// --- where it is dropped
function askTime(entry, day) {
  const dialog = document.getElementById("ask-time");
  dialog.querySelector("[data-what]").textContent = `“${titleOf(entry)}”, ${inWords(day)}`;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((settled) => {
    dialog.addEventListener("close", () => settled(dialog.returnValue === "go" ? dialog.querySelector("input").value : null), { once: true });
  });
}

async function drop(entry, day, hour) {
  const { clock } = entry.dataset;
  let when = day;
  if (hour !== null) when = `${day}T${hour}:${clock ? clock.slice(3) : "00"}`;
  else if (!clock) {
    const time = await askTime(entry, day);
    if (!time) {
      say(`“${titleOf(entry)}” stays without a date.`);
      entry.querySelector(".lp-evmove").focus();
      renewIfOwed();
      return;
    }
    when = `${day}T${time}`;
  }
  if (day === entry.dataset.day && (hour === null || hour === clock.slice(0, 2))) return;
  await carry(entry, placeOf(day, hour), moveOf(entry), { when, seen: entry.dataset.at });
}

const takeOff = (entry, tray) => carry(entry, tray, moveOf(entry).replace("reschedule", "unschedule"), { seen: entry.dataset.at });

// --- by mouse
function makeDraggable() {
  for (const entry of root.querySelectorAll(".lp-ev[data-post]")) entry.draggable = true;
}

function placeUnder(target) {
  const place = target.closest?.(".lp-day, .lp-slot, [data-tray]");
  if (!place || !root.contains(place)) return null;
  return place.matches("[data-tray]") && !dragged.dataset.day ? null : place;
}

function followMouse() {
  root.addEventListener("pointerdown", (event) => {
    pressed = event.target.closest?.(".lp-ev[data-post]") !== null;
  });
  for (const over of ["pointerup", "pointercancel"]) {
    window.addEventListener(over, () => {
      pressed = false;
      renewIfOwed();
    });
  }
  root.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".lp-ev[data-post]");
    if (!dragged) return;
    dragged.classList.add("carried");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", titleOf(dragged));
  });
  root.addEventListener("dragover", (event) => {
    const place = dragged && placeUnder(event.target);
    if (dragged) mark(place);
    if (place) event.preventDefault();
  });
  root.addEventListener("drop", (event) => {
    const place = dragged && placeUnder(event.target);
    if (!place) return;
    event.preventDefault();
    const entry = dragged;
    if (place.matches("[data-tray]")) takeOff(entry, place);
    else drop(entry, place.dataset.day, place.dataset.hour ?? null);
  });
  root.addEventListener("dragend", () => {
    dragged?.classList.remove("carried");
    dragged = null;
    mark(null);
    renewIfOwed();
  });
}

// --- by keyboard
function where() {
  const time = byHours() ? `${held.hour}:${held.entry.dataset.clock ? held.entry.dataset.clock.slice(3) : "00"}` : held.entry.dataset.clock;
  const away = placeOf(held.day, held.hour) ? "" : ", not on this page";
  return `${inWords(held.day)}${time ? `, ${time}` : ""}${away}`;
}

function pickUp(entry) {
  const shown = [...root.querySelectorAll(".lp-day:not(.out), .lp-slot")];
  const first = root.querySelector("[aria-current=date]")?.closest("[data-day], .lp-wday") ?? shown[0];
  const start = first.dataset.day ?? first.querySelector("[data-day]").dataset.day;
  held = { entry, day: entry.dataset.day || start, hour: byHours() ? (entry.dataset.clock || "09:00").slice(0, 2) : null };
  entry.classList.add("held");
  entry.querySelector(".lp-evmove").focus();
  mark(placeOf(held.day, held.hour));
  say(`“${titleOf(entry)}” picked up, ${where()}. Arrow keys move it, Enter drops it, Escape leaves it where it was.`);
}

function letGo() {
  held?.entry.classList.remove("held");
  held = null;
  mark(null);
  renewIfOwed();
}

function step(key) {
  const days = { ArrowLeft: -1, ArrowRight: 1, ...(byHours() ? {} : { ArrowUp: -7, ArrowDown: 7 }) }[key];
  if (days) held.day = shift(held.day, days);
  else {
    const hour = Number(held.hour) + (key === "ArrowDown" ? 1 : -1);
    held.day = shift(held.day, Math.floor(hour / 24));
    held.hour = String((hour + 24) % 24).padStart(2, "0");
  }
  const place = placeOf(held.day, held.hour);
  mark(place);
  place?.scrollIntoView({ block: "nearest" });
  say(where());
}

function followKeys() {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (!held) {
      const entry = event.target.closest?.(".lp-ev[data-post]");
      if (!entry || !(key.toLowerCase() === "m" || (key === "Enter" && event.target.matches(".lp-evmove")))) return;
      event.preventDefault();
      pickUp(entry);
    } else if (key.startsWith("Arrow")) {
      event.preventDefault();
      step(key);
    } else if (key === "Enter" || key === " ") {
      event.preventDefault();
      const { entry, day, hour } = held;
      const same = day === entry.dataset.day && (hour === null || hour === entry.dataset.clock.slice(0, 2));
      letGo();
      if (same) say(`“${titleOf(entry)}” stays where it was.`);
      else drop(entry, day, hour);
    } else if (key === "Escape") {
      event.preventDefault();
      say(`“${titleOf(held.entry)}” stays where it was.`);
      letGo();
    }
  });
  root.addEventListener("focusout", (event) => {
    if (held && event.target.closest(".lp-ev") === held.entry && !held.entry.contains(event.relatedTarget)) letGo();
  });
}

if (root) openAtMorning();
if (root && token) {
  makeDraggable();
  followMouse();
  followKeys();
  const help = document.getElementById("how-to-move");
  if (help) help.hidden = false;
}
