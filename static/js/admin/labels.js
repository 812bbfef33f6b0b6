// The search fields Django draws for other posts carry the label of the field they stand for.
const unnamed = new Set(document.querySelectorAll("select.admin-autocomplete"));

function name() {
  for (const select of unnamed) {
    const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
    const parts = select.parentElement.querySelectorAll(".select2-selection, .select2-selection__rendered");
    if (!label || parts.length === 0) continue;
    for (const part of parts) part.setAttribute("aria-label", label);
    unnamed.delete(select);
  }
  if (unnamed.size === 0) drawn.disconnect();
}

// They are drawn some time after the page; when exactly is theirs to know.
const drawn = new MutationObserver(name);
drawn.observe(document.body, { childList: true, subtree: true });
name();
