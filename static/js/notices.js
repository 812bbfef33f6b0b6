// How many notices wait, beside the name of whoever is signed in. Without this module their page says it.
import { openSocket } from "./admin/socket.js";

const places = document.querySelectorAll("[data-unread]");

function show(count) {
  for (const place of places) {
    place.hidden = count === 0;
    place.textContent = count > 99 ? "99+" : String(count);
    const link = place.closest("[data-notices]");
    if (!link) continue;
    // Read out with what it counts, and leading there as long as it counts anything.
    place.setAttribute("title", place.dataset.unread);
    link.dataset.own ??= link.getAttribute("href");
    link.setAttribute("href", count ? link.dataset.notices : link.dataset.own);
  }
}

if (places.length) {
  openSocket("/ws/notifications/", {
    message: (content) => {
      if (content.type === "notification.unread") show(content.count);
    },
  });
}
