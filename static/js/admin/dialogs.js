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
