// What happens under a post while it is open: new comments wait behind a button, so that no text moves by itself;
// changes, removals, likes and how many are reading show at once. What was missed while the socket was away is fetched.
import { openSocket } from "./admin/socket.js";

let talk = null, button = null, mark = "", tooMuch = false, labels = [];
// The comments that wait behind the button: their number, and what they answer.
const waiting = new Map();
const here = (id) => document.getElementById(`comment-${id}`);
// Not where it was removed and only its place is kept.
const isRead = (id) => Boolean(here(id)?.dataset.comment);
// Somebody who reads another page of the conversation has no use for an answer to what is not on theirs.
const isAtHome = (parent) => !parent || Boolean(here(parent)) || waiting.has(parent);

function offer() {
  for (const id of waiting.keys()) if (isRead(id)) waiting.delete(id);
  const count = [...waiting.values()].filter(isAtHome).length;
  button.hidden = !count && !tooMuch;
  if (button.hidden) return;
  button.textContent = labels[Math.min(count || labels.length, labels.length) - 1];
  talk.querySelector("[data-told]").textContent = button.textContent;
}

function remove(id, words) {
  waiting.delete(id);
  const comment = here(id), item = comment?.closest("li");
  if (!item) return;
  // Its place is kept for answers, and for what is being written there.
  if (item.querySelector(":scope li .cmt, .form, .notice")) {
    comment.removeAttribute("data-comment");
    comment.replaceChildren(Object.assign(document.createElement("p"), { className: "meta gone", textContent: words }));
  } else {
    item.remove();
  }
}

function change({ id, html, edited }) {
  const comment = here(id), said = comment?.querySelector(".said"), meta = comment?.querySelector(".chead .meta");
  if (!said) return;
  said.innerHTML = html;
  if (!meta.textContent.trim().endsWith(edited)) meta.append(` · ${edited}`);
}

function recount(what, count) {
  for (const form of document.querySelectorAll(`[data-like="${what}"]:not([aria-busy=true])`)) {
    const number = form.querySelector("b");
    number.textContent = count;
    number.hidden = count < 1;
  }
}

const head = (words) => words && (talk.querySelector("#comments-title").textContent = words);
const arrive = (detail) => document.dispatchEvent(new CustomEvent("comment-arrived", { detail }));

// Asks what changed since the mark. What is on the page is brought up to date; the rest waits, or is shown if asked.
async function catchUp({ show = false } = {}) {
  const answer = await fetch(`${talk.dataset.news}?${new URLSearchParams({ since: mark })}`, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const told = await answer.json();
  tooMuch = told.comments === null;
  if (tooMuch && show) return location.reload();
  let first = null;
  for (const one of told.comments ?? []) {
    if (one.gone) {
      remove(one.id, new DOMParser().parseFromString(one.html, "text/html").body.textContent.trim());
    } else if (here(one.id)) {
      if (one.edited || !isRead(one.id)) arrive(one);
    } else if (!show) {
      waiting.set(one.id, one.parent);
    } else if (isAtHome(one.parent)) {
      arrive(one);
      first ??= here(one.id);
    }
  }
  // What should show it has not come; the page anew shows it.
  if (show && !first && [...waiting.values()].some(isAtHome)) return location.reload();
  if (show) waiting.clear();
  mark = told.mark;
  head(told.heading);
  recount(`post-${talk.dataset.post}`, told.likes);
  offer();
  if (first) document.dispatchEvent(new CustomEvent("comment-asked-for", { detail: first }));
}

const soon = () => setTimeout(() => catchUp().catch(() => {}), Math.random() * 500);

function hear(content) {
  const { type, id } = content;
  if (type === "reading.here") {
    recount(`post-${talk.dataset.post}`, content.likes);
    if (content.mark !== mark) soon();
  } else if (type === "comment.created") {
    head(content.heading);
    if (!here(id)) waiting.set(id, content.parent);
    else if (!isRead(id)) soon();
    offer();
  } else if (type === "comment.updated") {
    change(content);
  } else if (type === "comment.deleted") {
    head(content.heading);
    remove(id, content.words);
    offer();
  } else if (type === "like.count") {
    recount(content.what, content.count);
  } else if (type === "presence") {
    const line = talk.querySelector("[data-readers]");
    line.textContent = content.said;
    line.hidden = !content.said;
  }
}

export function begin() {
  talk = document.getElementById("comments");
  button = talk.querySelector("[data-new]");
  labels = button.dataset.new.split("|");
  ({ mark } = talk.dataset);
  button.addEventListener("click", () => catchUp({ show: true }).catch(() => location.reload()));
  // One's own comment is on the page before, or after, its news.
  document.addEventListener("comment-shown", offer);
  openSocket(talk.dataset.live, { message: hear });
}
