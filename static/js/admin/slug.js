// An address suggested from the title until somebody writes one. The server decides; this only shows what to expect.
const SIGNS = { "++": " plus plus ", "#": " sharp ", "&": " and ", "@": " at ", "%": " per cent " };

export function slugOf(text) {
  for (const [sign, word] of Object.entries(SIGNS)) text = text.replaceAll(sign, word);
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\s-]/gu, "")
    .trim()
    .replace(/[-\s]+/g, "-")
    .replace(/^[-_]+|[-_]+$/g, "")
    .slice(0, 200);
}

export function followSlug(form) {
  const { title, slug, slug_suggested: suggested } = form.elements;
  if (!slug || !suggested) return;
  let ours = slug.value === "" || slug.value === suggested.value;
  slug.addEventListener("input", () => {
    ours = slug.value === "";
  });
  title.addEventListener("input", () => {
    if (!ours) return;
    slug.value = suggested.value = slugOf(title.value);
  });
}
