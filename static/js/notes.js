// Shows a footnote beside its number. One listener and one box for all of them; without popovers the number is a link.
const prose = document.querySelector(".prose");
const words = prose?.closest("[data-close]")?.dataset ?? {};
const box = document.createElement("div");
let asked = null;

function build() {
  box.className = "note-box";
  box.popover = "auto";
  box.tabIndex = -1;
  box.setAttribute("role", "dialog");
  box.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    // Back to the number, unless the reader is somewhere else by now.
    if (box.contains(document.activeElement) || document.activeElement === document.body) asked?.focus({ preventScroll: true });
  });
  document.body.append(box);
}

function fill(note, label) {
  const body = note.cloneNode(true);
  body.querySelectorAll(".back").forEach((link) => link.remove());
  body.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn quiet small";
  close.textContent = words.close;
  close.addEventListener("click", () => box.hidePopover());
  box.replaceChildren(...body.childNodes, close);
  box.lang = note.closest("[lang]")?.lang ?? "";
  box.dir = note.closest("[dir]").dir;
  box.setAttribute("aria-label", label);
}

function place(reference) {
  const at = reference.getBoundingClientRect();
  const room = document.documentElement;
  const left = Math.min(at.left - 24, room.clientWidth - box.offsetWidth - 8);
  const below = at.bottom + box.offsetHeight + 16 < room.clientHeight || at.top < box.offsetHeight + 16;
  box.style.left = `${Math.max(8, left) + scrollX}px`;
  box.style.top = `${(below ? at.bottom + 8 : at.top - box.offsetHeight - 8) + scrollY}px`;
}

if (prose && "popover" in HTMLElement.prototype) {
  prose.addEventListener("click", (event) => {
    const reference = event.target.closest(".fnref");
    if (!reference || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const note = document.getElementById(decodeURIComponent(reference.hash.slice(1)));
    if (!note) return;
    event.preventDefault();
    if (!box.isConnected) build();
    fill(note, reference.getAttribute("aria-label") ?? "");
    asked = reference;
    box.showPopover();
    place(reference);
    box.focus({ preventScroll: true });
  });
}
