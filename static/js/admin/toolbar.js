// Buttons and keys that write Markdown into the text. Every change goes through the browser's own undo.
const WRAPS = { bold: ["**", "**", "bold words"], italic: ["*", "*", "words"] };
const LINES = { h2: "## ", h3: "### ", quote: "> ", list: "- " };
const TABLE = "| Heading | Heading |\n| --- | --- |\n| Cell | Cell |\n";

export function write(field, text, start, end, selectStart = null, selectEnd = null) {
  field.focus();
  field.setSelectionRange(start, end);
  // The only way that keeps undo; where it is gone, undo is what is lost, not the text.
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, start, end, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  if (selectStart !== null) field.setSelectionRange(selectStart, selectEnd);
}

function wrap(field, [before, after, example]) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const chosen = value.slice(start, end);
  const around = value.slice(start - before.length, start) === before && value.slice(end, end + after.length) === after;
  if (around && !(before === "*" && value.slice(start - 2, start) === "**")) {
    write(field, chosen, start - before.length, end + after.length, start - before.length, end - before.length);
    return;
  }
  const words = chosen || example;
  write(field, before + words + after, start, end, start + before.length, start + before.length + words.length);
}

function prefix(field, mark) {
  const { selectionStart, selectionEnd, value } = field;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const end = next === -1 ? value.length : next;
  const lines = value.slice(start, end).split("\n");
  const has = lines.every((line) => line.startsWith(mark));
  const heading = mark.startsWith("#");
  const changed = lines.map((line) => {
    if (has) return line.slice(mark.length);
    return mark + (heading ? line.replace(/^#+\s*/, "") : line);
  });
  const text = changed.join("\n");
  write(field, text, start, end, start + (lines.length > 1 ? 0 : text.length), start + text.length);
}

function block(field, text, selectFrom = 0, selectLength = 0) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = start === 0 || value.slice(0, start).endsWith("\n\n") ? "" : value.slice(0, start).endsWith("\n") ? "\n" : "\n\n";
  write(field, `${before}${text}\n`, start, end, start + before.length + selectFrom, start + before.length + selectFrom + selectLength);
}

function link(field) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const words = value.slice(start, end) || "words";
  const isAddress = /^https?:\/\/\S+$/.test(words);
  const text = isAddress ? `[words](${words})` : `[${words}](https://)`;
  const from = isAddress ? start + 1 : start + words.length + 3;
  write(field, text, start, end, from, isAddress ? from + 5 : from + 8);
}

function code(field) {
  const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
  if (chosen && !chosen.includes("\n")) wrap(field, ["`", "`", "code"]);
  else block(field, `\`\`\`\n${chosen}\n\`\`\``, 3, 0);
}

function note(field) {
  const numbers = [...field.value.matchAll(/\[\^(\d+)\]/g)].map((match) => Number(match[1]));
  const number = Math.max(0, ...numbers) + 1;
  const place = field.selectionEnd;
  const mark = `[^${number}]`;
  write(field, mark, place, place);
  const end = field.value.length;
  const lead = field.value.endsWith("\n") ? "\n" : "\n\n";
  const text = `${lead}${mark}: `;
  write(field, text + "Note.", end, end, end + text.length, end + text.length + 5);
}

export function followText(page, chooser) {
  const field = page.querySelector("#id_content_markdown");
  const bar = page.querySelector(".lp-keys");
  const form = field.form;
  bar.hidden = false;
  const deeds = {
    ...Object.fromEntries(Object.entries(WRAPS).map(([name, marks]) => [name, () => wrap(field, marks)])),
    ...Object.fromEntries(Object.entries(LINES).map(([name, mark]) => [name, () => prefix(field, mark)])),
    link: () => link(field),
    code: () => code(field),
    note: () => note(field),
    table: () => block(field, TABLE, 2, 7),
    picture: () =>
      chooser((picture) => {
        const alt = picture.alt || "What the picture shows";
        block(field, `![${alt}](${picture.url})`, 2, alt.length);
      }),
  };
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && deeds[button.dataset.do]) deeds[button.dataset.do]();
  });
  // Without this a click would take the selection away before it is used.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const deed = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (deed) {
      event.preventDefault();
      deeds[deed]();
    }
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[name=_continue]"));
    }
  });
}
