// The preview follows the text at once, changes nothing that did not change, and scrolls with it.
import { followEachOther } from "./following.js";
import { patch } from "./patch.js";

// Milliseconds after a key; a server that needs longer is asked less often.
const SOON = 8;
const LATEST = 3000;
const QUICK = 250;
const PATIENCE = 30_000;
const SENT = ["csrfmiddlewaretoken", "content_markdown", "content_language", "category", "featured_image"];
// A drop initial wants a plain first paragraph that begins with a Latin, Greek or Cyrillic letter.
const BEGINS_PLAINLY = /^\s*<p>(?=\p{L})[A-Za-z\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff]/u;

export function followPreview(page, form) {
  const frame = page.querySelector("iframe.lp-paper");
  const wrong = page.querySelector(".lp-wrong");
  const sheet = frame.closest(".lp-prev");
  const field = form.elements.content_markdown;
  let timer = null;
  let running = false;
  let again = false;
  let took = 0;
  let shown = null;
  let ended = false;

  const part = (name) => frame.contentDocument?.querySelector(`[data-part=${name}]`);
  const scrolling = followEachOther(page, field, frame, () => part("text"));
  const theme = () => {
    const chosen = document.documentElement.dataset.theme;
    if (!frame.contentDocument?.documentElement) return;
    if (chosen && chosen !== "auto") frame.contentDocument.documentElement.dataset.theme = chosen;
    else delete frame.contentDocument.documentElement.dataset.theme;
  };
  const say = (sentence) => {
    wrong.hidden = !sentence;
    wrong.textContent = sentence;
  };
  const write = (name, text) => {
    const element = part(name);
    if (element.textContent !== text) element.textContent = text;
    element.hidden = text === "";
  };

  // What needs no server.
  function showHead() {
    if (!part("text")) return;
    write("title", form.elements.title.value.trim() || "Untitled");
    write("excerpt", form.elements.excerpt.value.trim());
  }
  function show(answer) {
    const text = part("text");
    if (!text) return;
    showHead();
    write("category", answer.category);
    const picture = part("picture");
    picture.closest("figure").hidden = !answer.picture;
    if (answer.picture && picture.getAttribute("src") !== answer.picture) picture.src = answer.picture;
    const language = form.elements.content_language?.value || "en";
    for (const name of ["title", "excerpt", "text"]) part(name).lang = language;
    if (shown !== answer.html) {
      shown = answer.html;
      // Already sanitised by the renderer, and shown where scripts cannot run.
      const fresh = frame.contentDocument.createElement("template");
      fresh.innerHTML = answer.html;
      patch(text, fresh.content);
      // As the page of the post decides it.
      text.classList.toggle("initial", BEGINS_PLAINLY.test(answer.html));
      scrolling.settle();
    }
    form.dispatchEvent(new CustomEvent("lp:rendered", { detail: { words: answer.words, minutes: answer.minutes, html: answer.html } }));
  }

  async function render() {
    running = true;
    again = ended = false;
    const began = performance.now();
    const data = new FormData();
    for (const name of SENT) if (form.elements[name]) data.set(name, form.elements[name].value);
    try {
      const answer = await fetch(page.dataset.preview.split("?")[0], { method: "POST", body: data, redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
      ended = answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !isJson);
      if (ended) throw new Error("signed out");
      const told = await answer.json();
      if (answer.ok) {
        say("");
        show(told);
      } else say(told.error || "The preview could not be made.");
    } catch {
      // What is typed meanwhile is not interrupted: keeping it asks for the password, in a moment.
      say(ended ? "Your session has ended; the preview goes on when you have signed in again." : "The preview could not be made; the text itself is untouched.");
    }
    took = performance.now() - began;
    running = false;
    if (again) soon();
  }
  // One question at a time: what is typed meanwhile is asked about next.
  function soon() {
    if (running) {
      again = true;
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(render, took < QUICK ? SOON : Math.min(took, LATEST));
  }
  const changed = (event) => {
    if (event.target.name === "title" || event.target.name === "excerpt") showHead();
    else if (SENT.includes(event.target.name)) soon();
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  document.addEventListener("letterpress:signed-in", soon);
  const begin = () => {
    theme();
    shown = null;
    // A link that is tried must not lead the preview away from the text.
    frame.contentDocument?.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link || link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      window.open(link.href, "_blank", "noopener");
    });
    scrolling.begin();
    render();
  };
  frame.addEventListener("load", begin);
  if (part("text")) begin();
  new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ["data-theme"] });

  const group = page.querySelector(".lp-widths");
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-width]");
    if (!chosen) return;
    for (const button of group.children) button.setAttribute("aria-pressed", String(button === chosen));
    sheet.classList.toggle("phone", chosen.dataset.width === "phone");
    scrolling.stale();
  });

  const toggle = page.querySelector(".lp-show");
  const wide = matchMedia("(min-width: 1280px)");
  const settle = () => {
    toggle.setAttribute("aria-pressed", String(wide.matches ? !page.classList.contains("alone") : page.classList.contains("reading")));
    scrolling.stale();
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    page.classList.toggle(wide.matches ? "alone" : "reading");
    settle();
  });
  wide.addEventListener("change", settle);
  settle();
}
