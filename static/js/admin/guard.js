// Leaving with something unsaved asks first.
export function guardChanges(form) {
  let changed = form.querySelector(".errorlist, .errornote") !== null;
  form.addEventListener("input", () => {
    changed = true;
  });
  form.addEventListener("change", () => {
    changed = true;
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
