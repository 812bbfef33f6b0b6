// The bell: counts live, and opens the newest notices. Without this module it is a link to the inbox with its count.
import { openSocket } from "./socket.js";

const bell = document.querySelector(".lp-bell");
if (bell) ring(bell);

function ring(bell) {
  const link = bell.querySelector(".lp-ring");
  const panel = bell.querySelector(".lp-told");
  const list = panel.querySelector("ul");
  const title = document.title;

  function showCount(count) {
    const number = bell.querySelector("[data-unread]");
    number.textContent = count > 99 ? "99+" : String(count);
    number.hidden = count === 0;
    bell.querySelector("[data-unread-words]").textContent = count ? `, ${count} unread` : "";
    document.title = count ? `(${number.textContent}) ${title}` : title;
  }

  function lineOf(notice) {
    const line = bell.querySelector("template").content.firstElementChild.cloneNode(true);
    const moment = new Date(notice.at);
    line.classList.toggle("new", notice.unread);
    line.querySelector("form").action = bell.dataset.follow.replace("/0/", `/${notice.id}/`);
    line.querySelector("[data-text]").textContent = notice.text;
    line.querySelector("time").dateTime = notice.at;
    line.querySelector("time").textContent = moment.toLocaleString(document.documentElement.lang, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
    return line;
  }

  async function ask() {
    const answer = await fetch(bell.dataset.bell, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return false;
    const { unread, newest, total } = await answer.json();
    showCount(unread);
    list.replaceChildren(...newest.map(lineOf));
    const all = panel.querySelector("[data-all]");
    all.hidden = unread === 0 || newest.length === 0;
    // What comes after the panel was drawn stays unread.
    all.elements.up_to.value = newest[0]?.id ?? "";
    const part = panel.querySelector("[data-part]");
    part.hidden = total <= newest.length;
    part.textContent = `The newest ${newest.length} of ${total}`;
    panel.querySelector("[data-none]").hidden = newest.length > 0;
    return true;
  }

  function shut() {
    panel.hidden = true;
    link.setAttribute("aria-expanded", "false");
  }

  link.setAttribute("role", "button");
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
  link.addEventListener("click", async (event) => {
    // With a key held it is asked for elsewhere: the inbox itself.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    if (!panel.hidden) return shut();
    const known = await ask().catch(() => false);
    if (!known) {
      window.location.assign(link.href);
      return;
    }
    panel.hidden = false;
    link.setAttribute("aria-expanded", "true");
  });
  document.addEventListener("click", (event) => {
    if (!bell.contains(event.target)) shut();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    shut();
    link.focus();
  });

  openSocket("/ws/notifications/", {
    open: ({ again }) => {
      // What was told while the socket was away was not heard.
      if (again) ask().catch(() => {});
    },
    message: (content) => {
      if (content.type === "notification.unread") showCount(content.count);
      if (content.type !== "notification.created") return;
      bell.querySelector("[data-said]").textContent = content.text;
      if (!panel.hidden) ask().catch(() => {});
      document.dispatchEvent(new CustomEvent("lp:notice", { detail: content }));
    },
  });
}
