// Pasting: HTML becomes Markdown, an address over chosen words a link, picture files go to the library. Plain stays plain.
import { toMarkdown } from "./html_to_markdown.js";
import { isCode, write } from "./text.js";

const ADDRESS = /^(?:https?:\/\/[^\s<>]+|mailto:[^\s<>]+)$/;
const LARGEST = 5_000_000;

// data:image/png;base64,… as a file; null when it is none.
function fileOf({ source, alt }, number) {
  const [, type, base64, data] = /^data:(image\/[a-z+.-]+)(?:;[^,;]*)*?(;base64)?,(.*)$/is.exec(source) ?? [];
  if (!type) return null;
  try {
    const bytes = base64 ? atob(data.replace(/\s/g, "")) : decodeURIComponent(data);
    const content = Uint8Array.from(bytes, (sign) => sign.charCodeAt(0));
    return new File([content], `${alt.slice(0, 60).replace(/[/\\.]/g, " ").trim() || `pasted picture ${number}`}.${type.slice(6).replace("jpeg", "jpg")}`, { type: type.toLowerCase() });
  } catch {
    return null;
  }
}

export function followPaste(field, takeFiles, tell) {
  // Ctrl+Shift+V: the browser pastes without the form; some hand the form over all the same.
  let plain = false;
  field.addEventListener("keydown", (event) => {
    plain = event.shiftKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v";
  });
  field.addEventListener("keyup", () => {
    plain = false;
  });

  field.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (!data) return;
    const { selectionStart: start, selectionEnd: end, value } = field;
    const words = value.slice(start, end);
    const text = data.getData("text/plain");
    const html = data.getData("text/html");
    const files = [...data.files];
    if (plain || isCode(value, start)) return;

    // A picture copied from a page comes as a file and as an <img>; from Word, with its text, only the text is meant.
    if (files.length && !text.trim()) {
      event.preventDefault();
      takeFiles(files, start);
      return;
    }
    if (words && !words.includes("\n") && ADDRESS.test(text.trim()) && !ADDRESS.test(words.trim())) {
      event.preventDefault();
      const link = `[${words}](${text.trim().replace(/[()]/g, (sign) => (sign === "(" ? "%28" : "%29"))})`;
      write(field, link, start, end, start + link.length);
      return;
    }
    // Editors of code copy their colours too; the text alone is meant.
    if (!html || html.length > LARGEST || [...data.types].some((type) => type.startsWith("vscode"))) return;
    let read;
    try {
      read = toMarkdown(html, value);
    } catch {
      return;
    }
    if (!read.text && !read.pictures.length && !read.embedded) return;
    event.preventDefault();
    const blocks = /\n\n|^(?:#{1,6} |[-*+] |\d+\. |> |```|\|)/.test(read.text);
    const head = value.slice(0, start);
    const before = !blocks || start === 0 || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
    const after = !blocks || value.slice(end).startsWith("\n") || end === value.length ? "" : "\n\n";
    const lone = !blocks && read.text ? (/^\s/.exec(text)?.[0] === " " ? " " : "") : "";
    const put = lone + before + read.text + after;
    write(field, put, start, end, start + put.length);
    const pasted = read.pictures.map(fileOf);
    const lost = read.lost + pasted.filter((file) => !file).length;
    const good = pasted.filter(Boolean);
    if (good.length) takeFiles(good, field.selectionEnd);
    if (read.remote) {
      tell(read.remote === 1 ? "One picture is shown from the site it was copied from. To keep it, save it and drop its file here." : `${read.remote} pictures are shown from the sites they were copied from. To keep them, save them and drop their files here.`);
    }
    if (read.unlinked) {
      tell(read.unlinked === 1 ? "One link led nowhere outside the page it was copied from. Its words are here without the link." : `${read.unlinked} links led nowhere outside the page they were copied from. Their words are here without the links.`);
    }
    if (read.embedded) {
      tell(read.embedded === 1 ? "One film, sound or frame did not come with the text. Put its address on a line of its own." : `${read.embedded} films, sounds or frames did not come with the text. Put each address on a line of its own.`, { wrong: true });
    }
    if (lost) {
      tell(lost === 1 ? "One picture did not come with the text. Drop its file here." : `${lost} pictures did not come with the text. Drop their files here.`, { wrong: true });
    }
  });
}
