// Words of the text that name another post become a link to it, by the browser's own undo.
import { write } from "./toolbar.js";

export function offerLinks(panel) {
  const field = document.getElementById("id_content_markdown");
  for (const button of panel.querySelectorAll("button[data-link]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const { head, words, tail, link } = button.dataset;
      const place = field.value.indexOf(head + words + tail);
      if (place < 0) {
        // The sentence was changed since; the next answer offers it anew.
        button.disabled = true;
        return;
      }
      const start = place + head.length;
      const text = `[${words}](${link})`;
      write(field, text, start, start + words.length, start, start + text.length);
      button.disabled = true;
    });
  }
}
