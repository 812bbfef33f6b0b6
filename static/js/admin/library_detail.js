// The page of one file: the focal point, the alt text with its count and advice, the address to be copied.
import { nameOf, sizeOf } from "./file_facts.js";
import { followFocal } from "./focal.js";
import { guardChanges } from "./guard.js";
import { drawWhole } from "./library_previews.js";
import { followWords } from "./library_words.js";

const SHOWN_FOR = 2000;

const box = document.querySelector("[data-focal]");
if (box) followFocal(box);

const [field, decorative] = [document.getElementById("id_alt_text"), document.getElementById("id_is_decorative")];
if (field && decorative) {
  followWords(field, decorative, document.getElementById("words-said"));
  // A field that is switched off is not sent; an empty one is.
  field.form.addEventListener("submit", () => {
    field.disabled = false;
  });
  guardChanges(field.form);
}

// The last part of what is typed is suggested; a list of suggestions knows only the whole field.
const tags = document.querySelector("input[data-words]");
const known = document.getElementById("known-tags");
if (tags && known) {
  const names = [...known.options].map((option) => option.value);
  tags.addEventListener("input", () => {
    const before = tags.value.slice(0, tags.value.lastIndexOf(",") + 1);
    const there = new Set(before.split(",").map((name) => name.trim().toLowerCase()));
    known.replaceChildren(...names.filter((name) => !there.has(name.toLowerCase())).map((name) => new Option("", before ? `${before} ${name}` : name)));
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const before = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(button.dataset.copy).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "Not allowed";
    setTimeout(() => {
      button.textContent = before;
    }, SHOWN_FOR);
  });
}

// Replacing: what was chosen, before it is sent.
const chosen = document.querySelector("[data-replacement]");
if (chosen) {
  const canvas = document.querySelector(".lpm-new canvas");
  const said = document.querySelector(".lpm-new [data-said]");
  const button = chosen.form.querySelector("[type=submit]");
  const { width, height, name } = chosen.dataset;
  const ending = (text) => (/\.([a-z0-9]+)$/i.exec(text)?.[1] ?? "").toLowerCase();
  chosen.addEventListener("change", async () => {
    const [file] = chosen.files;
    canvas.hidden = true;
    if (!file) {
      said.textContent = "Nothing is chosen yet.";
      return;
    }
    const facts = await drawWhole(file, canvas);
    if (chosen.files[0] !== file) return;
    canvas.hidden = !facts;
    const parts = [nameOf(file), facts ? `${facts.width.toLocaleString("en-GB")} × ${facts.height.toLocaleString("en-GB")}` : "", sizeOf(file.size)];
    const smaller = facts && Number(width) && facts.width < Number(width) && facts.height < Number(height);
    said.textContent = `${parts.filter(Boolean).join(" · ")}.${smaller ? " It has fewer pixels than the one it replaces." : ""}`;
  });
  chosen.form.addEventListener("submit", () => {
    button.textContent = "Replacing…";
    button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", () => {
    button.textContent = name;
    button.removeAttribute("aria-disabled");
  });
}
