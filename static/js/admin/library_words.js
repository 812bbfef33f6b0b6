// What a picture says: how long it is, and what is better said otherwise.
const LONG = 150;
const SAYS_PICTURE = /^\s*(?:an? |the )?(?:image|picture|photo(?:graph)?|graphic|icon) of\b/i;
const FILE_NAME = /^\s*(?:img|dsc|dscn|pxl|image|screenshot)[\s_-]*\d|\.(?:jpe?g|png|gif|webp|avif|heic)\s*$/i;

// Advice on an alt text, a sentence; empty when there is none to give.
export function adviceOn(text) {
  if (FILE_NAME.test(text)) return "This is a file name. Say what the picture shows.";
  if (SAYS_PICTURE.test(text)) return "Screen readers say that it is a picture. Begin with what it shows.";
  if ([...text.trim()].length > LONG) return "This is long to listen to. Say the essence, and put the rest into the caption.";
  return "";
}

// Under a field: the count, the advice, and that “decorative” and words exclude each other.
export function followWords(field, decorative, line) {
  const most = Number(field.getAttribute("maxlength")) || 500;
  const tell = () => {
    const count = [...field.value.trim()].length;
    field.disabled = decorative.checked;
    line.textContent = decorative.checked ? "Screen readers skip it." : `${count} of ${most} characters. ${adviceOn(field.value)}`.trim();
  };
  field.addEventListener("input", tell);
  decorative.addEventListener("change", () => {
    if (decorative.checked) field.value = "";
    tell();
    if (!decorative.checked) field.focus();
  });
  tell();
}
