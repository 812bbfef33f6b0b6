// The conversation under a post, in place: answers where they belong, drafts that survive, and what a guest's browser
// alone knows (their name, and which comments are theirs). Without this every button is a form or a page of its own.
import { store } from "./remembering.js";

const DRAFT = "draft:", GUEST = "guest", OWN = "own-comments", MOST = 50;
let talk = null, main = null;

function recall(key) {
  try {
    return JSON.parse(store?.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function keep(key, value) {
  try {
    if (value === null) store?.removeItem(key);
    else store?.setItem(key, JSON.stringify(value));
  } catch {
    // Full or refused: nothing is lost that was not only kept for comfort.
  }
}

const tell = (words) => { talk.querySelector("[data-told]").textContent = words; };
const make = (name, facts) => Object.assign(document.createElement(name), facts);
const part = (html) => document.createRange().createContextualFragment(html);
const json = { accept: "application/json" };

// --- Drafts, and who somebody is ------------------------------------------------------------------------------------
const draftOf = (form) => `${DRAFT}${talk.dataset.post}:${form.dataset.parent ?? ""}`;

function remember(form) {
  const { name, email, content } = form.elements;
  const kept = recall(draftOf(form));
  if (kept && !content.value) content.value = kept;
  form.addEventListener("input", () => keep(draftOf(form), content.value.trim() ? content.value : null));
  if (!form.elements.token.value) newToken(form).catch(() => {});
  if (!name) return;
  const guest = recall(GUEST), box = form.querySelector("[data-remember]");
  box.hidden = false;
  if (guest) [name.value, email.value] = [name.value || guest.name, email.value || guest.email];
  box.querySelector("input").checked = Boolean(guest);
}

function rememberGuest({ elements: { name, email, remember: box } }) {
  if (name) keep(GUEST, box.checked ? { name: name.value, email: email.value } : null);
}

// --- Sending --------------------------------------------------------------------------------------------------------
async function newToken(form) {
  const answer = await fetch(talk.dataset.token);
  form.elements.token.value = (await answer.json()).token;
}

function mark(form, errors) {
  for (const old of form.querySelectorAll(".hint.bad, .notice.bad")) old.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const [name, sentences] of Object.entries(errors)) {
    const field = form.elements[name], said = make("p", { textContent: sentences.join(" ") });
    if (field && field.type !== "hidden") {
      said.className = "hint bad";
      said.id = `${field.id}_error`;
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", said.id);
      field.after(said);
    } else {
      said.className = "full notice bad";
      said.setAttribute("role", "alert");
      form.prepend(said);
    }
  }
  form.querySelector("[aria-invalid]")?.focus();
}

async function send(form) {
  const button = form.querySelector("[type=submit]");
  if (button.getAttribute("aria-disabled")) return null;
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: json });
    const said = await answer.json();
    if (answer.ok) return said;
    // Open for days. Sent again at once, it would pass for a machine's.
    if (said.token) form.elements.token.value = said.token;
    mark(form, said.errors ?? { "": [said.token ? talk.dataset.over : talk.dataset.failed] });
  } catch {
    mark(form, { "": [talk.dataset.failed] });
  } finally {
    button.removeAttribute("aria-disabled");
  }
  return null;
}

// Shows a comment that is public now; one that is here already is replaced.
function show({ id, parent, html }, isFirst = false) {
  const here = document.getElementById(`comment-${id}`);
  const fresh = part(html);
  // Words that waited do no more.
  document.getElementById(`waits-${id}`)?.remove();
  if (here) {
    here.replaceWith(fresh);
  } else {
    const above = parent && document.getElementById(`comment-${parent}`)?.closest("li");
    if (parent && !above) return null;
    let list = above ? above.querySelector(":scope > ol") : talk.querySelector("[data-thread]");
    if (!list) {
      list = make("ol", { className: "thread" });
      above.querySelector(":scope > article").after(list);
    }
    const item = make("li");
    item.append(fresh);
    list[isFirst ? "prepend" : "append"](item);
  }
  const shown = document.getElementById(`comment-${id}`);
  own(shown);
  document.dispatchEvent(new CustomEvent("comment-shown", { detail: { id, shown } }));
  return shown;
}

function lead(shown) {
  shown.tabIndex = -1;
  shown.focus({ preventScroll: true });
  shown.scrollIntoView({ block: "center" });
}

// What became of words that wait stands where they were written.
function note(form, said) {
  const notice = make("p", { className: "notice", id: `waits-${said.id}`, textContent: `${said.told} ` });
  notice.append(make("a", { href: said.own, textContent: talk.dataset.own }));
  form.before(notice);
  if (form !== main) form.remove();
  lead(notice);
}

async function write(form) {
  const said = await send(form);
  if (!said) return;
  keep(draftOf(form), null);
  rememberGuest(form);
  mark(form, {});
  form.elements.content.value = "";
  if (said.key && said.until > Date.now()) {
    keep(OWN, Object.fromEntries([...Object.entries(recall(OWN) ?? {}), [said.id, said]].map(
      ([id, { key, until, edit, remove }]) => [id, { key, until, edit, remove }]).slice(-MOST)));
  }
  form.elements.token.value = said.next;
  tell(said.told);
  if (said.html) {
    if (form !== main) form.remove();
    if (said.heading) talk.querySelector("#comments-title").textContent = said.heading;
    lead(show(said, talk.dataset.order === "newest") ?? talk);
  } else {
    note(form, said);
  }
}

// --- Answers and changes in place -----------------------------------------------------------------------------------
function cancel(form, button) {
  const away = make("button", { type: "button", className: "btn quiet", textContent: talk.dataset.cancel });
  away.addEventListener("click", () => {
    form.remove();
    button.focus();
  });
  form.querySelector("[type=submit]").after(away);
}

function answer(link) {
  const comment = link.closest("[data-comment]");
  const open = comment.parentElement.querySelector(":scope > form");
  if (open) return open.elements.content.focus();
  const form = main.cloneNode(true);
  const id = comment.dataset.comment;
  form.action = link.href;
  form.dataset.parent = id;
  form.elements.content.value = "";
  for (const name of ["id", "for", "aria-describedby"]) {
    for (const one of form.querySelectorAll(`[${name}]`)) one.setAttribute(name, `${one.getAttribute(name)}-${id}`);
  }
  mark(form, {});
  comment.after(form);
  remember(form);
  cancel(form, link);
  form.elements.content.focus();
}

async function change(link) {
  const comment = link.closest("[data-comment]");
  if (comment.parentElement.querySelector(":scope > form[data-changing]")) return;
  const { content } = await (await fetch(link.href, { headers: json })).json();
  const form = make("form", { className: "form", action: link.href });
  form.dataset.changing = "";
  const field = main.elements.content.cloneNode();
  field.id = `change-${comment.dataset.comment}`;
  for (const name of ["aria-describedby", "aria-invalid"]) field.removeAttribute(name);
  field.value = content;
  field.setAttribute("aria-label", link.textContent);
  const box = make("div", { className: "full" });
  box.append(field);
  const deeds = make("div", { className: "full row-of-buttons" });
  deeds.append(make("button", { type: "submit", className: "btn", textContent: talk.dataset.save }));
  form.append(box, deeds);
  const guard = main.elements.csrfmiddlewaretoken;
  if (guard) form.append(guard.cloneNode());
  comment.after(form);
  cancel(form, link);
  field.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = await send(form);
    if (!said) return;
    tell(said.told);
    if (said.html) {
      form.remove();
      lead(show(said));
    } else {
      comment.replaceChildren();
      comment.removeAttribute("data-comment");
      note(form, said);
    }
  });
}

// A guest's own comments, as long as they may be changed.
function own(comment) {
  const mine = (recall(OWN) ?? {})[comment.dataset.comment];
  const deeds = comment.querySelector(".cact");
  if (!mine || !deeds || mine.until < Date.now() || deeds.querySelector("[data-edit]")) return;
  deeds.querySelector("[data-report]")?.remove();
  for (const [name, href] of [["edit", mine.edit], ["delete", mine.remove]]) {
    const link = make("a", { className: "btn quiet", href, textContent: talk.dataset[name] });
    link.setAttribute(`data-${name}`, "");
    deeds.append(link);
  }
}

export function begin(section) {
  talk = section;
  main = talk.querySelector("form[data-writing]");
  for (const comment of talk.querySelectorAll("[data-comment]")) own(comment);
  if (main) {
    remember(main);
    talk.addEventListener("submit", (event) => {
      const form = event.target.closest("form[data-writing]");
      if (!form) return;
      event.preventDefault();
      write(form);
    });
    talk.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-reply], a[data-edit]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if ("reply" in link.dataset) answer(link);
      else change(link).catch(() => location.assign(link.href));
    });
  }
  document.addEventListener("comment-arrived", ({ detail }) => show(detail, talk.dataset.order === "newest"));
  document.addEventListener("comment-asked-for", ({ detail }) => lead(detail));
  // Its sheet came after the browser had gone there.
  if (location.hash.startsWith("#comment")) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}
