// Chromium forgets to give the keys back to the text when a dialog is closed by the mouse, though it looks as if it had.
// It tells of the close only later, when the next key may have been pressed: the click that closed it is answered at once.
export function giveKeysBack(field) {
  const given = new WeakSet();
  const give = () => {
    if (document.querySelector("dialog[open]")) return;
    const held = document.activeElement;
    const place = held && held !== document.body ? held : field;
    place.blur();
    place.focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    const dialog = event.target.closest("dialog");
    if (!dialog || dialog.open) return;
    given.add(dialog);
    give();
  });
  // A dialog's close does not bubble. After a click the keys may be elsewhere by now, and stay there.
  document.addEventListener(
    "close",
    (event) => {
      if (event.target instanceof HTMLDialogElement && !given.delete(event.target)) give();
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
