// The buttons that make this browser forget what it remembers of earlier visits.
import { forget, isAllowed, isOff, kept, OFF, store } from "./remembering.js";

for (const place of document.querySelectorAll("[data-remembered]")) {
  const part = (name) => place.querySelector(`[data-${name}]`);
  const show = () => {
    place.hidden = !isAllowed() && !isOff();
    const off = isOff();
    part("forget").hidden = part("stop").hidden = off;
    part("start").hidden = !off;
    const none = !off && !kept().length;
    part("forget").setAttribute("aria-disabled", String(none));
  };
  const told = part("told");
  const does = (name, act, words) => part(name).addEventListener("click", () => {
    act();
    show();
    told.textContent = words;
    if (part(name).hidden) place.querySelector("button:not([hidden])").focus();
  });
  does("forget", forget, told.dataset.forgotten);
  does("stop", () => {
    forget();
    store?.setItem(OFF, "1");
  }, told.dataset.forgotten);
  does("start", () => store?.removeItem(OFF), "");
  show();
}
