// For signed-in readers: keeps a post without leaving it, notes how far they came, and leads back there when asked.
const form = document.querySelector("[data-reading]");
const prose = document.querySelector(".prose");
// Nobody has read what they have only just opened, and nobody has to know every line.
const FIRST_AFTER = 3000, EVERY = 10000;
// Who goes further than this many windows from one look to the next has jumped, and not read what lies between.
const LOOK_EVERY = 1000, STEP = 1.5;

function keepInPlace(form) {
  const button = form.querySelector("button");
  const keep = async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const body = new FormData(form, event.submitter);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const { kept } = await answer.json();
      button.value = kept ? "0" : "1";
      button.setAttribute("aria-pressed", String(kept));
      button.querySelector("span").textContent = kept ? form.dataset.kept : form.dataset.keep;
    } catch {
      // As without a script: the page says what is wrong.
      form.removeEventListener("submit", keep);
      form.requestSubmit(button);
    } finally {
      form.ariaBusy = null;
    }
  };
  form.addEventListener("submit", keep);
}

function place() {
  const box = prose.getBoundingClientRect();
  const part = box.height > 0 ? (window.innerHeight - box.top) / box.height : 0;
  const line = window.innerHeight / 3;
  const above = [...prose.querySelectorAll(":is(h2, h3)[id], section[id]")].filter((one) => one.getBoundingClientRect().top <= line);
  const step = (STEP * window.innerHeight * 1000) / box.height;
  return { step, position: Math.max(0, Math.min(1000, Math.floor(part * 1000))), heading: above.at(-1)?.id ?? "" };
}

function follow(form) {
  const opened = Date.now();
  let furthest = { position: Number(form.dataset.came), heading: "" }, told = furthest.position, last = 0;
  const look = () => {
    const here = place();
    if (here.position > furthest.position && here.position - furthest.position <= here.step) furthest = here;
  };
  const tell = () => {
    if (furthest.position <= told || Date.now() - opened < FIRST_AFTER) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set("position", furthest.position);
    body.set("heading", furthest.heading);
    if (navigator.sendBeacon(form.dataset.reading, body)) told = furthest.position;
    last = Date.now();
  };
  let looking = 0, telling = 0;
  const moved = () => {
    looking ||= setTimeout(() => {
      looking = 0;
      look();
    }, LOOK_EVERY);
    telling ||= setTimeout(() => {
      telling = 0;
      tell();
    }, Math.max(1000, last + EVERY - Date.now()));
  };
  addEventListener("scroll", moved, { passive: true });
  addEventListener("pagehide", tell);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && tell());
  setTimeout(moved, FIRST_AFTER);
}

function goTo(position) {
  const box = prose.getBoundingClientRect();
  scrollTo({ top: box.top + scrollY + (box.height * position) / 1000 - window.innerHeight });
}

if (form && prose) {
  keepInPlace(form);
  follow(form);
  const back = document.querySelector("[data-continue]");
  if (back) {
    back.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(Number(back.dataset.continue));
      prose.tabIndex = -1;
      prose.focus({ preventScroll: true });
    });
  }
  // From the reading list: the place was asked for there.
  const asked = /^#read-(\d{1,4})$/.exec(location.hash);
  if (asked) goTo(Math.min(1000, Number(asked[1])));
}
