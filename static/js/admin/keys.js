// The keys of the writing page: one list, from which the tools, their labels and the map of keys are made.
import { isCode, MAC, write } from "./text.js";

// deed, what it does, its keys ("mod" is Ctrl, on a Mac ⌘; letters and digits are places on the keyboard)
const KEYS = [
  ["Words", [
    ["bold", "Bold", "mod+b"],
    ["italic", "Italic", "mod+i"],
    ["link", "Link", "mod+k"],
    ["post", "Link to a post (or type [[)", "mod+shift+k"],
    ["code", "Code", "mod+e"],
  ]],
  ["Blocks", [
    ["h2", "Heading", "mod+alt+2"],
    ["h3", "Smaller heading", "mod+alt+3"],
    ["numbers", "Numbered list", "mod+shift+7"],
    ["list", "List", "mod+shift+8"],
    ["quote", "Quote", "mod+shift+9"],
    ["note", "Footnote", "mod+alt+f"],
    ["table", "Table", "mod+alt+g"],
    ["picture", "Picture", "mod+alt+p"],
    ["snippet", "Snippet", "mod+alt+s"],
  ]],
  ["Page", [
    ["search", "Search and replace", "mod+f"],
    ["replace", "Search and replace", "mod+h"],
    ["preview", "Preview", "mod+alt+e"],
    ["quiet", "Only the text", "mod+shift+e"],
    ["full", "Full screen", "mod+shift+f"],
    ["keys", "These keys", "mod+/"],
    ["save", "Save", "mod+s"],
  ]],
];
const KNOWN = [
  ["Undo, redo", "mod+z, mod+shift+z"],
  ["Paste without its form", "mod+shift+v"],
  ["Next item of a list", "Enter"],
  ["Leave the list", "Enter, on an empty item"],
  ["Move an item in or out", "Tab, Shift+Tab"],
  ["Leave the text", "Escape, then Tab"],
];
const EVERYWHERE = new Set(["save", "keys", "quiet", "full", "preview"]);
const ITEM = /^([ \t]*)([-*+]|\d{1,9}[.)])( +)(\[[ xX]\] +)?/;

// "mod+shift+k" in the words of this machine.
export function inWords(keys) {
  return keys
    .split(", ")
    .map((each) =>
      MAC
        ? each.replace("mod+", "⌘").replace("shift+", "⇧").replace("alt+", "⌥").replace(/[a-z]$/, (letter) => letter.toUpperCase())
        : each.replace("mod", "Ctrl").replace("shift", "Shift").replace("alt", "Alt").replace(/\+([a-z])$/, (_, letter) => `+${letter.toUpperCase()}`),
    )
    .join(", ");
}

function pressed(event, keys) {
  const parts = keys.split("+");
  const key = parts.pop();
  const wanted = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  if (wanted !== parts.includes("mod") || event.altKey !== parts.includes("alt")) return false;
  if (key === "/") return event.key === "/" || (event.code === "Slash" && !event.shiftKey);
  if (event.shiftKey !== parts.includes("shift")) return false;
  if (/\d/.test(key)) return event.code === `Digit${key}`;
  // With Alt the letter is another one; without, the letter counts wherever it lies, and its place where it is no Latin one.
  if (parts.includes("alt")) return event.code === `Key${key.toUpperCase()}`;
  const typed = event.key.toLowerCase();
  return typed === key || (!/^[a-z]$/.test(typed) && event.code === `Key${key.toUpperCase()}`);
}

function deedOf(event) {
  // AltGr types a letter; a text being composed is not finished.
  if (event.isComposing || event.keyCode === 229 || event.getModifierState("AltGraph")) return null;
  for (const [, rows] of KEYS) {
    for (const [deed, , keys] of rows) if (!(MAC && deed === "replace") && pressed(event, keys)) return deed;
  }
  return null;
}

function lineAt(value, place) {
  const start = value.lastIndexOf("\n", place - 1) + 1;
  const next = value.indexOf("\n", place);
  return { start, end: next === -1 ? value.length : next };
}

// Enter within a list begins the next item; on an empty one it ends the list.
function continueList(field) {
  const { selectionStart: place, selectionEnd, value } = field;
  if (place !== selectionEnd) return false;
  const { start, end } = lineAt(value, place);
  const line = value.slice(start, end);
  const quote = /^(?:> ?)+/.exec(line)?.[0] ?? "";
  const item = ITEM.exec(line.slice(quote.length));
  const lead = quote + (item?.[0] ?? "");
  if (!lead || place - start < lead.trimEnd().length || isCode(value, start)) return false;
  if (line.trim() === lead.trim()) {
    write(field, "", start, end);
    return true;
  }
  if (!item) {
    write(field, `\n${quote}`, place, place);
    return true;
  }
  const [, indent, mark, space, box] = item;
  const number = /^\d+/.exec(mark);
  const next = number ? `${Number(number[0]) + 1}${mark.at(-1)}` : mark;
  write(field, `\n${quote}${indent}${next}${space}${box ? "[ ] " : ""}`, place, place);
  return true;
}

// Tab moves items of a list; anywhere else it is the key that leaves the field.
function indent(field, back) {
  const { selectionStart, selectionEnd, value } = field;
  const { start } = lineAt(value, selectionStart);
  const { end } = lineAt(value, selectionEnd);
  const lines = value.slice(start, end).split("\n");
  if (!ITEM.test(lines[0]) || isCode(value, start)) return false;
  const changed = lines.map((line) => (back ? line.replace(/^(?: {1,4}|\t)/, "") : line && `    ${line}`));
  const text = changed.join("\n");
  if (text === lines.join("\n")) return true;
  const first = changed[0].length - lines[0].length;
  const all = text.length - (end - start);
  write(field, text, start, end, Math.max(start, selectionStart + first), Math.max(start, selectionEnd + all));
  return true;
}

function drawMap(dialog) {
  const box = dialog.querySelector(".lp-keymap");
  const row = (words, keys) => {
    const line = document.createElement("div");
    const what = document.createElement("dt");
    const how = document.createElement("dd");
    what.textContent = words;
    for (const each of inWords(keys).split(", ")) {
      const key = document.createElement(/^(on|then) /.test(each) ? "span" : "kbd");
      key.textContent = each;
      how.append(key, " ");
    }
    line.append(what, how);
    return line;
  };
  const part = (name, rows) => {
    const section = document.createElement("section");
    const title = document.createElement("h3");
    const list = document.createElement("dl");
    title.textContent = name;
    list.append(...rows);
    section.append(title, list);
    return section;
  };
  box.replaceChildren(
    ...KEYS.map(([name, rows]) => part(name, rows.filter(([deed]) => deed !== "replace").map(([, words, keys]) => row(words, keys)))),
    part("While writing", KNOWN.map(([words, keys]) => row(words, keys))),
  );
}

export function followKeys(page, field, deeds) {
  const dialog = document.getElementById("keys");
  deeds.keys = () => {
    if (!dialog.querySelector("dl")) drawMap(dialog);
    if (!dialog.open) dialog.showModal();
  };
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  for (const [, rows] of KEYS) {
    for (const [deed, words, keys] of rows) {
      for (const button of page.querySelectorAll(`[data-do=${deed}]`)) {
        button.title = `${words}, ${inWords(keys)}`;
        if (button.closest("[popover]") && !button.querySelector("kbd")) {
          const key = document.createElement("kbd");
          key.textContent = inWords(keys);
          // Said already, as the keys of the button.
          key.setAttribute("aria-hidden", "true");
          button.append(key);
        }
        button.setAttribute("aria-keyshortcuts", keys.replace("mod", MAC ? "Meta" : "Control").replace("shift", "Shift").replace("alt", "Alt"));
      }
    }
  }
  // Escape gives Tab back to the page until something else is pressed.
  let leaving = false;
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") leaving = true;
    else if (!["Tab", "Shift"].includes(event.key)) leaving = false;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Enter" && plain && !event.shiftKey && continueList(field)) event.preventDefault();
    if (event.key === "Tab" && plain && !leaving && indent(field, event.shiftKey)) event.preventDefault();
  });
  field.addEventListener("blur", () => {
    leaving = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const deed = deedOf(event);
    if (!deed || !deeds[deed] || !(EVERYWHERE.has(deed) || event.target === field)) return;
    event.preventDefault();
    deeds[deed]();
  });
}
