// The checks and the search panel follow what is typed. The server draws them with the page's own templates, so there
// is one drawing of each; here they are asked for, put in their place, and their lines lead to what they are about.
import { drawCards } from "./cards.js";
import { offerLinks } from "./seo.js";

const PAUSE = 700;
const LOOKED_AT = [
  ...["title", "slug", "excerpt", "content_markdown", "content_language", "kind", "category", "featured_image"],
  ...["featured_image_alt", "meta_title", "meta_description", "focus_keyword", "canonical_url", "noindex", "og_title"],
  ...["og_description", "og_image", "twitter_title", "twitter_description", "twitter_card_type", "csrfmiddlewaretoken"],
];

export function followChecks(page, form) {
  const panel = page.querySelector("#checks");
  const search = page.querySelector("#search");
  if (!panel || !search) return;
  const parts = new Map([...panel.querySelectorAll("[data-part]"), ...search.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
  const over = parts.get("over");
  const told = page.querySelector("#checks-said");
  let running = null;
  let timer = null;
  let blocking = panel.querySelectorAll(".lp-finds .blocking").length;

  function redraw(answer) {
    for (const [name, html] of Object.entries(answer.parts)) put(parts.get(name), html);
    if (over) over.hidden = answer.blocking === 0 || answer.essential;
    if (answer.blocking !== blocking) {
      told.textContent = answer.blocking === 0 ? "Nothing blocks publishing." : `${answer.blocking} ${answer.blocking === 1 ? "check blocks" : "checks block"} publishing.`;
      blocking = answer.blocking;
    }
    drawCards(search);
    offerLinks(search);
  }

  async function ask() {
    running?.abort();
    running = new AbortController();
    const all = new FormData(form);
    const data = new FormData();
    for (const name of LOOKED_AT) if (all.has(name)) data.set(name, all.get(name));
    try {
      const answer = await fetch(panel.dataset.checks, { method: "POST", body: data, signal: running.signal });
      if (answer.ok) redraw(await answer.json());
    } catch (error) {
      // Offline, or the next key came first: what stands there stays until the next answer.
      if (error.name !== "AbortError") told.textContent = "The checks could not be made just now; the text is untouched.";
    }
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);

  page.addEventListener("click", (event) => {
    const line = event.target.closest("a[data-field]");
    if (!line) return;
    event.preventDefault();
    lead(page, form, line.dataset.field, line.dataset.place);
  });

  drawCards(search);
  offerLinks(search);
  // A step was refused: the reasons are what is read next.
  const refused = blocking > 0 && (location.hash === "#checks" || document.querySelector(".messagelist .error"));
  if (refused) {
    panel.open = true;
    panel.querySelector(".lp-finds a")?.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }
}

// Escaped by the server's templates; what was open or had the focus keeps it.
function put(part, html) {
  if (!part) return;
  const open = new Set([...part.querySelectorAll("details[open][data-keep]")].map((details) => details.dataset.keep));
  const focused = part.contains(document.activeElement) ? document.activeElement.textContent : null;
  part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  for (const details of part.querySelectorAll("details[data-keep]")) details.open = open.has(details.dataset.keep);
  if (focused !== null) {
    const links = [...part.querySelectorAll("a, button, summary")];
    (links.find((link) => link.textContent === focused) ?? links[0])?.focus({ preventScroll: true });
  }
}

function lead(page, form, name, place) {
  const named = form.elements[name];
  const field = named instanceof RadioNodeList ? named[0] : (named ?? document.getElementById(`id_${name}`));
  if (!field) return;
  for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  page.classList.remove("reading");
  const start = place && field.value !== undefined ? field.value.indexOf(place) : -1;
  field.focus({ preventScroll: true });
  if (start < 0) {
    field.scrollIntoView({ block: "center" });
    return;
  }
  field.setSelectionRange(start, start + place.length);
  showPlace(field, start);
}

// Browsers do not scroll to a selection: the text before it is measured in a copy of the field.
function showPlace(field, start) {
  const copy = document.createElement("div");
  const look = getComputedStyle(field);
  copy.className = "lp-mirror";
  for (const name of ["width", "font", "letterSpacing", "padding", "border", "boxSizing"]) copy.style[name] = look[name];
  copy.textContent = field.value.slice(0, start);
  document.body.append(copy);
  const height = copy.scrollHeight;
  copy.remove();
  if (field.scrollHeight > field.clientHeight + 1) field.scrollTop = Math.max(0, height - field.clientHeight / 2);
  const top = field.getBoundingClientRect().top + window.scrollY + height - field.scrollTop;
  window.scrollTo({ top: Math.max(0, top - window.innerHeight / 2) });
}
