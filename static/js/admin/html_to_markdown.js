// Copied HTML (Word, Google Docs, web pages) as plain Markdown. It is read in a document of its own that nothing of is
// ever shown: no script runs there and no picture is fetched. What comes out is text; the renderer still judges it.
const DROPPED = new Set(
  "SCRIPT STYLE TEMPLATE NOSCRIPT IFRAME FRAME OBJECT EMBED APPLET SVG MATH CANVAS AUDIO VIDEO INPUT SELECT TEXTAREA BUTTON HEAD TITLE META LINK BASE XML".split(" "),
);
const BLOCKS = new Set(
  "P DIV H1 H2 H3 H4 H5 H6 UL OL LI DL DT DD BLOCKQUOTE PRE TABLE FIGURE FIGCAPTION HR SECTION ARTICLE ASIDE HEADER FOOTER MAIN NAV ADDRESS DETAILS SUMMARY CENTER FORM FIELDSET BODY".split(" "),
);
const MARKS = ["sub", "sup", "strong", "em", "del", "mark", "code"];
// Notes as Word, LibreOffice and Google Docs link them, there and back.
const NOTE = /#_?(ftnt?|edn|sdfootnote|sdendnote)(_?ref)?(\d+)(anc|sym)?$/;
const EMBEDDED = "iframe, video, audio, object, embed";
const MONO = /courier|consolas|menlo|monaco|monospace|roboto mono|sf mono|source code/i;

const styleOf = (node) => (node.getAttribute("data-style") ?? "").toLowerCase();
const isBlock = (node) => node.nodeType === 1 && BLOCKS.has(node.tagName);
const hasBlocks = (node) => [...node.children].some((child) => isBlock(child) || (!DROPPED.has(child.tagName.toUpperCase()) && hasBlocks(child)));

function isDropped(node) {
  if (DROPPED.has(node.tagName.toUpperCase())) return true;
  return node.hasAttribute("hidden") || /display\s*:\s*none|mso-hide\s*:\s*all|mso-list\s*:\s*ignore/.test(styleOf(node));
}

function escaped(text) {
  return text
    .replace(/[\\`*[\]]/g, "\\$&")
    .replace(/(^|[^\p{L}\p{N}])_|_(?=$|[^\p{L}\p{N}])/gu, (all) => all.replace("_", "\\_"))
    .replace(/<(?=[a-z/!?])/gi, "\\<")
    .replace(/&(?=#?\w+;)/g, "\\&")
    .replace(/~~|==/g, (pair) => `\\${pair[0]}\\${pair[0]}`);
}
const atLineStart = (line) => line.replace(/^(\s*)(#{1,6}(?= |$)|>|[-+](?= |$)|:(?= )|\|)/, "$1\\$2").replace(/^(\s*\d+)([.)])(?= |$)/, "$1\\$2");

function addressOf(raw) {
  const text = (raw ?? "").replace(/[\u0000-\u0020\u007f]+/g, "");
  if (!/^(https?:\/\/|mailto:|tel:)/i.test(text)) return "";
  let url;
  try {
    url = new URL(text);
  } catch {
    return "";
  }
  // Google Docs leads through itself.
  if (/(^|\.)google\.com$/.test(url.hostname) && url.pathname === "/url") return addressOf(url.searchParams.get("q") ?? url.searchParams.get("url"));
  const own = url.origin === location.origin ? url.pathname + url.search + url.hash : url.href;
  return own.replace(/[()<>"'`\\*_[\]]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`).replace(/%5F/g, "_").replace(/%27/g, "'");
}

// { kind, number, back }: where a link between a text and its notes leads; null for any other.
function noteOf(link) {
  const [, kind, ref, number, side] = NOTE.exec(link.getAttribute("href") ?? "") ?? [];
  return number ? { id: `${/edn|endnote/.test(kind) ? "e" : ""}${number}`, back: Boolean(ref) || side === "anc" } : null;
}
const isBackLink = (link) => Boolean(noteOf(link)?.back);
const isSeen = (node) => !isDropped(node) && (!node.parentElement || isSeen(node.parentElement));

class Reader {
  constructor(page, headingShift, taken) {
    this.shift = headingShift;
    // The names the notes get here: those of the text they are pasted into stay theirs.
    this.notes = new Map();
    for (const link of page.querySelectorAll("a[href]")) {
      const note = noteOf(link);
      if (!note?.back || this.notes.has(note.id)) continue;
      let number = 1;
      while (taken.includes(`[^${number}]`) || [...this.notes.values()].includes(number)) number += 1;
      this.notes.set(note.id, number);
    }
    this.pictures = [];
    this.remote = 0;
    this.lost = 0;
  }

  // Words with what they are marked as, in one row; spaces single.
  runs(node, marks, out) {
    if (node.nodeType === 3) {
      out.push({ text: node.data.replace(/[ \t\n\r\f\u00a0]+/g, " "), ...marks });
      return;
    }
    if (node.nodeType !== 1 || isDropped(node)) return;
    const tag = node.tagName;
    if (tag === "BR") {
      out.push({ text: "\n", line: true });
      return;
    }
    if (tag === "IMG") {
      const text = this.picture(node);
      if (text) out.push({ text, raw: true, href: marks.href });
      return;
    }
    const own = { ...marks };
    const style = styleOf(node);
    const weight = /font-weight\s*:\s*(\w+)/.exec(style)?.[1];
    const bold = weight && (weight === "bold" || weight === "bolder" || Number(weight) >= 600);
    const inlineTag = !isBlock(node);
    if (/^(B|STRONG)$/.test(tag)) own.strong = !weight || Boolean(bold);
    else if (inlineTag && bold) own.strong = true;
    else if (inlineTag && weight && !bold) own.strong = false;
    if (/^(I|EM|CITE|VAR|DFN)$/.test(tag)) own.em = !/font-style\s*:\s*normal/.test(style);
    else if (inlineTag && /font-style\s*:\s*italic/.test(style)) own.em = true;
    if (/^(S|DEL|STRIKE)$/.test(tag) || (inlineTag && /text-decoration[a-z-]*\s*:[^;]*line-through/.test(style))) own.del = true;
    if (tag === "MARK") own.mark = true;
    if (/^(CODE|KBD|SAMP|TT)$/.test(tag) || (tag !== "A" && inlineTag && MONO.test(/font-family\s*:\s*([^;]+)/.exec(style)?.[1] ?? ""))) own.code = true;
    const note = tag === "A" && noteOf(node);
    if (note && this.notes.has(note.id)) {
      if (!note.back) out.push({ text: `[^${this.notes.get(note.id)}]`, raw: true });
      return;
    }
    if (tag === "SUB" || (inlineTag && /vertical-align\s*:\s*sub/.test(style))) own.sub = true;
    if (tag === "SUP" || (inlineTag && /vertical-align\s*:\s*super/.test(style))) own.sup = true;
    if (tag === "A") own.href = addressOf(node.getAttribute("href")) || marks.href;
    if (this.inHeading) own.strong = false;
    for (const child of node.childNodes) this.runs(child, own, out);
  }

  picture(image) {
    const source = image.getAttribute("src") ?? "";
    const alt = (image.getAttribute("alt") ?? "").replace(/\s+/g, " ").trim();
    if (/^data:image\//i.test(source)) {
      this.pictures.push({ source, alt });
      return "";
    }
    const address = addressOf(source);
    // One pixel that only counts who opened the page.
    if ([image.getAttribute("width"), image.getAttribute("height")].some((size) => size !== null && Number(size) <= 2)) return "";
    if (!address) {
      this.lost += source ? 1 : 0;
      return "";
    }
    if (!address.startsWith("/")) this.remote += 1;
    return `![${escaped(alt)}](${address})`;
  }

  inline(nodes) {
    const runs = [];
    for (const node of nodes) this.runs(node, {}, runs);
    const joined = [];
    const same = (a, b) => !a.raw && !b.raw && !a.line && !b.line && a.href === b.href && MARKS.every((mark) => Boolean(a[mark]) === Boolean(b[mark]));
    for (const run of runs) {
      if (run.text === "") continue;
      const last = joined.at(-1);
      if (last && same(last, run)) last.text += run.text;
      else joined.push({ ...run });
    }
    const text = this.written(joined, ["href", ...MARKS])
      .replace(/ *\n */g, "\n")
      .replace(/ {2,}/g, " ")
      .trim();
    // Two line ends are a paragraph, one is a line.
    return text
      .split(/\n{2,}/)
      .map((paragraph) => paragraph.split("\n").map(atLineStart).join("\\\n"))
      .join("\n\n");
  }

  written(runs, marks) {
    if (!marks.length) return runs.map((run) => (run.raw || run.line ? run.text : escaped(run.text))).join("");
    const [mark, ...rest] = marks;
    let text = "";
    for (let from = 0; from < runs.length; ) {
      let to = from + 1;
      const value = runs[from][mark] || "";
      while (to < runs.length && (runs[to][mark] || "") === value && !runs[from].line && !runs[to].line) to += 1;
      const group = runs.slice(from, to);
      text += value && !group[0].line ? this.wrapped(group, mark, value, rest) : this.written(group, rest);
      from = to;
    }
    return text;
  }

  wrapped(group, mark, value, rest) {
    if (mark === "code") {
      const text = group.map((run) => run.text).join("");
      const inner = text.trim();
      if (!inner || group.some((run) => run.raw)) return this.written(group, rest);
      const fence = "`".repeat(Math.max(0, ...[...inner.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
      const gap = inner.includes("`") ? " " : "";
      return text.replace(inner, () => `${fence}${gap}${inner}${gap}${fence}`);
    }
    const text = this.written(group, rest);
    const inner = text.trim();
    if (!inner) return text;
    const signs = { strong: ["**", "**"], em: ["*", "*"], del: ["~~", "~~"], mark: ["==", "=="], sub: ["<sub>", "</sub>"], sup: ["<sup>", "</sup>"], href: ["[", `](${value})`] }[mark];
    // An address that is its own words needs no brackets.
    if (mark === "href" && group.length === 1 && !group[0].raw && group[0].text.trim() === value && /^https?:/.test(value)) {
      return text.replace(inner, () => value);
    }
    return text.replace(inner, () => signs[0] + inner + signs[1]);
  }

  // The blocks within a node, each as Markdown.
  blocks(node, inNote = false) {
    const found = [];
    let row = [];
    let list = null;
    const flush = () => {
      const text = this.inline(row);
      row = [];
      if (text) found.push(text);
    };
    const endList = () => {
      if (list) found.push(list.map(({ level, mark, text }) => `${"    ".repeat(level)}${mark} ${text.replace(/\n/g, `\n${"    ".repeat(level + 1)}`)}`).join("\n"));
      list = null;
    };
    for (const child of node.childNodes) {
      if (child.nodeType === 3 && !child.data.trim() && (list || !row.length)) continue;
      if (child.nodeType === 1 && isDropped(child)) continue;
      const word = child.nodeType === 1 ? /mso-list\s*:[^;]*?level(\d)/.exec(styleOf(child)) : null;
      if (word && child.tagName === "P") {
        flush();
        list ??= [];
        list.push({ level: Math.min(8, Number(word[1]) - 1), mark: this.wordMark(child, list, Number(word[1]) - 1), text: this.inline([child]) });
        continue;
      }
      if (child.nodeType === 1 && (isBlock(child) || hasBlocks(child))) {
        flush();
        endList();
        found.push(...this.block(child, inNote));
      } else if (child.nodeType === 1 || child.nodeType === 3) {
        endList();
        row.push(child);
      }
    }
    flush();
    endList();
    return found.filter(Boolean);
  }

  // Word writes the sign of a list item as text that it tells others to ignore.
  wordMark(item, list, level) {
    const sign = [...item.querySelectorAll("[data-style]")].find((each) => /mso-list\s*:\s*ignore/.test(styleOf(each)))?.textContent.trim() ?? "";
    if (!/^\(?(\d+|[a-z]{1,4})[.)]/i.test(sign)) return "-";
    let number = 1;
    for (let index = list.length - 1; index >= 0 && list[index].level >= level; index -= 1) {
      if (list[index].level === level) {
        number = (Number.parseInt(list[index].mark, 10) || 0) + 1;
        break;
      }
    }
    return `${number}.`;
  }

  // What a note says, below its name; null for a block that is none.
  note(node) {
    const link = [...node.querySelectorAll("a[href]")].find(isBackLink);
    if (!link || !/^(P|DIV|LI)$/.test(node.tagName) || [...node.querySelectorAll("a[href]")].filter(isBackLink).length > 1) return null;
    const name = this.notes.get(noteOf(link).id);
    const text = (node.tagName === "P" ? [this.inline(node.childNodes)] : this.blocks(node, true)).join("\n\n");
    return [`[^${name}]: ${text.replace(/\n(?=.)/g, "\n    ")}`];
  }

  block(node, inNote = false) {
    const tag = node.tagName;
    const note = inNote ? null : this.note(node);
    if (note) return note;
    const heading = /^H([1-6])$/.exec(tag);
    if (heading) return [this.heading(node, Number(heading[1]))];
    // Word’s title and subtitle are paragraphs with a name.
    if (tag === "P" && /^Mso(Title|Heading)/.test(node.className)) return [this.heading(node, 1)];
    switch (tag) {
      case "HR":
        // Word draws one above its notes.
        return /mso-element\s*:\s*(foot|end)note-list/.test(styleOf(node.parentElement)) ? [] : ["---"];
      case "PRE":
        return [this.code(node)];
      case "UL":
      case "OL":
        return [this.list(node)];
      case "TABLE":
        return this.table(node);
      case "FIGURE":
        return this.figure(node);
      case "BLOCKQUOTE":
        return [this.blocks(node).join("\n\n").replace(/^/gm, "> ").replace(/^> $/gm, ">")].filter((text) => text !== ">");
      case "DT":
        return [this.inline(node.childNodes)];
      case "DD":
        return [`:   ${this.blocks(node).join("\n\n").replace(/\n(?=.)/g, "\n    ")}`];
      case "LI":
        return [`- ${this.item(node)}`];
      default:
        return this.blocks(node, inNote);
    }
  }

  heading(node, level) {
    this.inHeading = true;
    const text = this.inline(node.childNodes).replace(/\\?\n+/g, " ");
    this.inHeading = false;
    return text && `${"#".repeat(Math.min(6, level + this.shift))} ${text}`;
  }

  code(node) {
    const language = /(?:language|lang|brush)[-:]\s*([\w+#-]+)/.exec(`${node.className} ${node.querySelector("code")?.className ?? ""}`)?.[1] ?? "";
    for (const line of node.querySelectorAll("br")) line.replaceWith("\n");
    const text = node.textContent.replace(/\r\n?/g, "\n").replace(/\u00a0/g, " ").replace(/^\n+|\s+$/g, "");
    const fence = "`".repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
    return text && `${fence}${language}\n${text}\n${fence}`;
  }

  item(node) {
    const blocks = this.blocks(node);
    const box = node.querySelector(":scope > input[type=checkbox], :scope > p > input[type=checkbox], :scope > label > input[type=checkbox]");
    const mark = box ? (box.hasAttribute("checked") ? "[x] " : "[ ] ") : "";
    const joined = blocks.reduce((text, block) => (text ? text + (/^(?:[-*+]|\d+\.) /.test(block) ? "\n" : "\n\n") + block : block), "");
    return mark + joined.replace(/\n(?=.)/g, "\n    ");
  }

  list(node) {
    const items = [];
    let number = Number.parseInt(node.getAttribute("start") ?? "1", 10) || 1;
    for (const child of node.children) {
      if (isDropped(child)) continue;
      // Google Docs hangs an inner list beside its item rather than in it.
      if (/^(UL|OL)$/.test(child.tagName)) {
        const inner = this.list(child).replace(/^(?=.)/gm, "    ");
        if (items.length) items[items.length - 1] += `\n${inner}`;
        else items.push(inner.replace(/^ {4}/gm, ""));
        continue;
      }
      const text = this.item(child);
      if (text.trim()) items.push(`${node.tagName === "OL" ? `${number++}.` : "-"} ${text}`);
    }
    return items.join("\n");
  }

  figure(node) {
    const caption = node.querySelector("figcaption");
    const image = node.querySelector("img");
    if (!image || node.querySelector("table, pre, blockquote")) return this.blocks(node);
    const picture = this.picture(image);
    const words = caption ? caption.textContent.replace(/\s+/g, " ").trim() : "";
    if (!picture) return words ? [escaped(words)] : [];
    return [words ? picture.replace(/\)$/, () => ` "${words.replace(/["\\]/g, "”")}")`) : picture];
  }

  table(node) {
    const rows = [...node.querySelectorAll("tr")].filter((row) => row.closest("table") === node).map((row) => [...row.cells]);
    const width = Math.max(0, ...rows.map((row) => row.length));
    // A table of one column, or with tables in it, only sets out a page.
    if (width < 2 || node.querySelector("table")) return rows.flat().flatMap((cell) => this.blocks(cell));
    const line = (cells) => `| ${Array.from({ length: width }, (_, index) => cells[index] ?? "").join(" | ")} |`;
    const words = (cell) => this.inline(hasBlocks(cell) ? this.spaced(cell) : cell.childNodes).replace(/\\?\n+/g, " ").replace(/\|/g, "\\|");
    const [head, ...body] = rows.map((row) => row.map(words));
    const marks = rows[0].map((cell) => {
      const side = /text-align\s*:\s*(right|center)/.exec(styleOf(cell))?.[1] ?? cell.getAttribute("align") ?? "";
      return { right: "---:", center: ":---:" }[side] ?? "---";
    });
    while (marks.length < width) marks.push("---");
    const caption = node.caption?.textContent.replace(/\s+/g, " ").trim();
    const text = [line(head), line(marks), ...body.map(line)].join("\n");
    return caption ? [`Table: ${escaped(caption)}`, text] : [text];
  }

  // The blocks of a cell in one line.
  spaced(cell) {
    return [...cell.childNodes].flatMap((child) => [child, cell.ownerDocument.createTextNode(" ")]);
  }
}

// `taken`: the text it is pasted into. { text, pictures: [{ source: "data:…", alt }], remote: pictures that stay where they
// are, lost: pictures not to be had, unlinked: links that led nowhere else than within their page, embedded: films and frames
// that were left out }
export function toMarkdown(html, taken = "") {
  // Nobody shall apply these styles, least of all while they are read.
  const unstyled = html.replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/(\s|["'])style\s*=/gi, "$1 data-style="));
  const page = new DOMParser().parseFromString(unstyled, "text/html");
  const reader = new Reader(page, page.querySelector("h1, .MsoTitle") ? 1 : 0, taken);
  const unlinked = [...page.querySelectorAll("a[href]")].filter((link) => {
    if (addressOf(link.getAttribute("href")) || reader.notes.has(noteOf(link)?.id)) return false;
    return link.textContent.trim() !== "" && isSeen(link);
  });
  // One that only counts who opened the page is nobody's loss.
  const isTiny = (node) => [node.getAttribute("width"), node.getAttribute("height")].some((size) => size !== null && Number.parseFloat(size) <= 2);
  const embedded = [...page.querySelectorAll(EMBEDDED)].filter((node) => !node.parentElement.closest(EMBEDDED) && isSeen(node.parentElement) && !isTiny(node));
  const text = reader.blocks(page.body).join("\n\n").replace(/\n{3,}/g, "\n\n").trim();
  return { text, pictures: reader.pictures, remote: reader.remote, lost: reader.lost, unlinked: unlinked.length, embedded: embedded.length };
}
