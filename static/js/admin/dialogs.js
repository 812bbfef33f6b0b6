// Chromium forgets to give the keys back to the text when a dialog is closed by the mouse, though it looks as if it had.
export function giveKeysBack(field) {
  // A dialog's close does not bubble.
  document.addEventListener(
    "close",
    (event) => {
      if (!(event.target instanceof HTMLDialogElement) || document.querySelector("dialog[open]")) return;
      const held = document.activeElement;
      const place = held && held !== document.body ? held : field;
      place.blur();
      place.focus({ preventScroll: true });
    },
    true,
  );
}

// A step that needs a word first asks in a dialog; without a script its link leads to a page that asks the same.
export function askFirst() {
  for (const link of document.querySelectorAll("[data-ask]")) {
    const dialog = document.getElementById(`ask-${link.dataset.ask}`);
    if (!dialog) continue;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.showModal();
    });
    for (const close of dialog.querySelectorAll("[data-close]")) {
      close.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.close();
      });
    }
  }
}
