// Leaving asks first when something is neither saved nor known to be kept.
export function guardChanges(form, keeper) {
  let changed = form.querySelector(".errorlist, .errornote") !== null;
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, () => {
      changed = true;
    });
  }
  form.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (keeper ? !keeper.isSafe() : changed) event.preventDefault();
  });
}
