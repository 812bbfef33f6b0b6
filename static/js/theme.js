// Light, dark, or as the device: remembered in this browser only. Not a module, because it must run before the first paint.
(() => {
  const root = document.documentElement;
  const known = ["light", "dark"];
  let store = null;
  try {
    store = window.localStorage;
  } catch {
    // Storage is switched off; the choice then lasts as long as the page.
  }
  const apply = (theme) => {
    if (known.includes(theme)) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  apply(store?.getItem("theme"));

  document.addEventListener("DOMContentLoaded", () => {
    const buttons = [...document.querySelectorAll("[data-choose-theme]")];
    const show = () => {
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset.chooseTheme === (root.dataset.theme ?? "")));
      }
    };
    for (const button of buttons) {
      button.parentElement.hidden = false;
      button.addEventListener("click", () => {
        apply(button.dataset.chooseTheme);
        if (root.dataset.theme) store?.setItem("theme", root.dataset.theme);
        else store?.removeItem("theme");
        show();
      });
    }
    show();
  });
})();
