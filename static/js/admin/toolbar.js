// Buttons and keys that write Markdown into the text.
import { followFiles } from "./drop.js";
import { followKeys } from "./keys.js";
import { followLinks } from "./links.js";
import { followPaste } from "./paste.js";
import { followRoom } from "./fullscreen.js";
import { followSearch } from "./search_replace.js";
import { followSnippets } from "./snippets.js";
import { makeNotices } from "./notices.js";
import { makePicker } from "./picker.js";
import { markdownOf } from "./picture_text.js";
import { write, writeBlock } from "./text.js";

export { write };

const WRAPS = { bold: ["**", "**", "bold words"], italic: ["*", "*", "words"] };
const LINES = { h2: "## ", h3: "### ", quote: "> ", list: "- " };
const TABLE = "| Heading | Heading |\n| --- | --- |\n| Cell | Cell |\n";

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

// Each chosen line gets `mark`, or loses it when all have it; `mark` may depend on the number of the line.
function prefix(field, mark, pattern = null) {
  const { selectionStart, selectionEnd, value } = field;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const end = next === -1 ? value.length : next;
  const lines = value.slice(start, end).split("\n");
  const of = (index) => (pattern ? mark(index) : mark);
  const length = (line) => (pattern ? (pattern.exec(line)?.[0].length ?? 0) : line.startsWith(mark) ? mark.length : 0);
  const has = lines.every((line) => length(line) > 0);
  const heading = !pattern && mark.startsWith("#");
  const changed = lines.map((line, index) => {
    if (has) return line.slice(length(line));
    return of(index) + (heading ? line.replace(/^#+\s*/, "") : line);
  });
  const text = changed.join("\n");
  write(field, text, start, end, start + (lines.length > 1 ? 0 : text.length), start + text.length);
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
  else writeBlock(field, `\`\`\`\n${chosen}\n\`\`\``, 3, 0);
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

// The less used tools, in a menu below their button.
function followMenu(page) {
  const menu = page.querySelector("#more-tools");
  const button = page.querySelector("[popovertarget=more-tools]");
  menu.addEventListener("beforetoggle", (event) => {
    if (event.newState !== "open") return;
    const box = button.getBoundingClientRect();
    menu.style.top = `${box.bottom + 4}px`;
    menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - 288))}px`;
  });
  menu.addEventListener("toggle", (event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const rows = [...menu.querySelectorAll("button:not([hidden])")];
    rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
  });
  return menu;
}

// One stop for Tab, arrows within, as in any toolbar.
function followArrows(bar) {
  const buttons = [...bar.querySelectorAll("button")];
  const stop = (chosen) => {
    for (const button of buttons) button.tabIndex = button === chosen ? 0 : -1;
  };
  stop(buttons[0]);
  bar.addEventListener("focusin", (event) => buttons.includes(event.target) && stop(event.target));
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    buttons[(to + buttons.length) % buttons.length].focus();
  });
}

export function followText(page, chooser) {
  const field = page.querySelector("#id_content_markdown");
  const bar = page.querySelector(".lp-keys");
  const form = field.form;
  const menu = followMenu(page);
  const tell = makeNotices(page);
  const pick = makePicker();
  const search = followSearch(page, field);
  bar.hidden = false;
  followArrows(bar);
  followPaste(field, followFiles(field, chooser, tell), tell);
  const deeds = {
    ...Object.fromEntries(Object.entries(WRAPS).map(([name, marks]) => [name, () => wrap(field, marks)])),
    ...Object.fromEntries(Object.entries(LINES).map(([name, mark]) => [name, () => prefix(field, mark)])),
    numbers: () => prefix(field, (index) => `${index + 1}. `, /^\d+\. /),
    link: () => link(field),
    code: () => code(field),
    note: () => note(field),
    table: () => writeBlock(field, TABLE, 2, 7),
    picture: () => chooser.choose((words) => writeBlock(field, markdownOf(words)), { inText: true }),
    preview: () => page.querySelector(".lp-show").click(),
    save: () => form.requestSubmit(form.querySelector("[name=_continue]")),
    search,
    replace: search,
    post: followLinks(page, field, pick),
    snippet: followSnippets(page, field, pick),
    ...followRoom(page, field),
  };
  const act = (event) => {
    const deed = deeds[event.target.closest("[data-do]")?.dataset.do];
    if (!deed) return;
    if (menu.matches(":popover-open")) menu.hidePopover();
    deed();
  };
  bar.addEventListener("click", act);
  menu.addEventListener("click", act);
  // Without this a click would take the selection away before it is used.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  followKeys(page, field, deeds);
}
