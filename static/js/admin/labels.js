// The search fields Django draws for other posts carry the label of the field they stand for.
window.addEventListener("load", () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
    if (!label) continue;
    for (const part of select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered")) {
      part.setAttribute("aria-label", label);
    }
  }
});
