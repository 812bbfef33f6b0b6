// The home page as the form would make it. The server draws it, nothing of it is kept; only what differs is changed in
// the frame, where no script runs and no link leads away.
import { patch } from "./patch.js";

const PAUSE = 300;
const PATIENCE = 15_000;

export function followLook(page, form) {
  const frame = page.querySelector("iframe");
  const stage = frame.parentElement;
  const said = form.querySelector("[data-said]");
  const dark = form.elements.own_ink_dark;
  const measured = form.querySelector("[data-measured]");
  let timer = null;
  let running = null;
  let width = 1280;
  let scheme = "";

  const fit = () => {
    const scale = Math.min(1, stage.clientWidth / width);
    Object.assign(frame.style, { width: `${width}px`, height: `${stage.clientHeight / scale}px`, transform: `scale(${scale})` });
  };
  const paint = () => {
    const root = frame.contentDocument?.documentElement;
    const chosen = scheme || document.documentElement.dataset.theme;
    if (!root) return;
    if (chosen && chosen !== "auto") root.dataset.theme = chosen;
    else delete root.dataset.theme;
  };
  const settle = () => {
    paint();
    frame.contentDocument?.addEventListener("click", (event) => event.preventDefault());
    frame.contentDocument?.addEventListener("submit", (event) => event.preventDefault());
  };
  function show(html) {
    const old = frame.contentDocument;
    if (!old?.body) return;
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const ink = 'link[rel=stylesheet][href^="/ink-"]';
    const link = fresh.querySelector(ink);
    const known = old.querySelector(ink);
    if (link?.getAttribute("href") !== known?.getAttribute("href")) {
      if (link) old.querySelector("link[rel=stylesheet]").after(old.importNode(link));
      known?.remove();
    }
    old.documentElement.dataset.ink = fresh.documentElement.dataset.ink;
    patch(old.body, fresh.body);
    paint();
  }
  async function look() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const late = setTimeout(() => running.abort(), PATIENCE);
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" }, redirect: "manual", signal });
      if (!answer.ok) throw new Error();
      const { html, wrong, dark: proposed, measured: ratios, problems } = await answer.json();
      show(html);
      dark.placeholder = proposed;
      if (proposed && !dark.value) dark.nextElementSibling.value = proposed;
      measured.textContent = problems.own_ink_light ?? problems.own_ink_dark ?? ratios;
      said.textContent = wrong ? `Not saved yet. ${wrong === 1 ? "One thing is" : `${wrong} things are`} in the way.` : "Not saved yet.";
    } catch (error) {
      if (error.name !== "AbortError") said.textContent = "The preview cannot be made just now; saving may still work.";
    } finally {
      clearTimeout(late);
    }
  }
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  };
  const press = (buttons, chosen) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
  };

  for (const kind of ["input", "change"]) form.addEventListener(kind, soon);
  form.addEventListener("submit", (event) => {
    // Looking at it in a tab of its own is no leaving.
    if (event.submitter?.formTarget === "_blank") event.stopImmediatePropagation();
  });
  for (const [name, then] of [["widths", (data) => (width = Number(data.width))], ["schemes", (data) => (scheme = data.scheme)]]) {
    const group = page.querySelector(`[data-${name}]`);
    group.hidden = false;
    group.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      press(group.children, button);
      then(button.dataset);
      fit();
      paint();
    });
  }
  // A colour of one's own is chosen where it is typed.
  for (const field of [form.elements.own_ink_light, dark]) {
    const picker = Object.assign(document.createElement("input"), { type: "color", value: field.value || field.placeholder || "#2a3bd0" });
    picker.setAttribute("aria-label", `${field.labels[0].textContent}: choose`);
    picker.addEventListener("input", () => {
      field.value = picker.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    field.addEventListener("input", () => /^#[0-9a-f]{6}$/i.test(field.value) && (picker.value = field.value));
    field.after(picker);
  }
  frame.addEventListener("load", settle);
  settle();
  new ResizeObserver(fit).observe(stage);
  fit();
  if (form.querySelector(".lp-errors")) look();
}
