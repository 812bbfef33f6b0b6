// Room to write: the whole screen, or nothing but the text. Each browser remembers the second.
const KEPT = "letterpress-quiet";

export function followRoom(page, field) {
  const root = document.documentElement;
  const way = page.querySelector(".lp-quiet-out");

  function quiet(on) {
    root.classList.toggle("lp-quiet", on);
    way.hidden = !on;
    for (const button of document.querySelectorAll("[data-do=quiet]")) button.setAttribute("aria-pressed", String(on));
    try {
      if (on) localStorage.setItem(KEPT, "1");
      else localStorage.removeItem(KEPT);
    } catch {
      // A browser that keeps nothing begins as everybody does.
    }
    // The lines stand elsewhere now; the caret shall not.
    field.dispatchEvent(new Event("lp:moved", { bubbles: true }));
  }
  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else root.requestFullscreen?.({ navigationUI: "hide" }).catch(() => {});
  }
  document.addEventListener("fullscreenchange", () => {
    const on = document.fullscreenElement !== null;
    root.classList.toggle("lp-full", on);
    for (const button of document.querySelectorAll("[data-do=full]")) button.setAttribute("aria-pressed", String(on));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (!root.classList.contains("lp-quiet") || document.querySelector("dialog[open], :popover-open")) return;
    quiet(false);
  });
  way.addEventListener("click", () => {
    quiet(false);
    field.focus({ preventScroll: true });
  });
  try {
    if (localStorage.getItem(KEPT)) quiet(true);
  } catch {
    // As above.
  }
  return { quiet: () => quiet(!root.classList.contains("lp-quiet")), full };
}
