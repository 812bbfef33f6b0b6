// The address of a new link is copied by a button. Where copying is not allowed it is selected, ready for the keyboard.
const SHOWN_FOR = 2000;

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      field.focus();
      field.select();
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = before; }, SHOWN_FOR);
  });
  field.addEventListener("focus", () => field.select());
}
