// Pieces of text somebody keeps, put in where the caret is.
import { write } from "./text.js";

export function followSnippets(page, field, pick) {
  const { snippets: address, snippetPages: pages } = page.querySelector(".lp-keys").dataset;
  if (!address) return null;

  async function find(words) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    const wanted = words.toLowerCase();
    const { snippets } = await answer.json();
    const rows = snippets
      .filter(({ name, text }) => name.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted))
      .map((row) => ({ ...row, small: row.text.replace(/\s+/g, " ").slice(0, 90) }));
    return { rows, more: false };
  }
  return () => {
    // Leaving the dialog the browser may put the caret elsewhere.
    const { selectionStart: start, selectionEnd: end } = field;
    pick({
      title: "Put in a snippet",
      hint: "Its name or words of it",
      find,
      empty: (sought) => (sought ? `No snippet has “${sought}” in it.` : "There are no snippets yet. Keep here what you write again and again."),
      beside: [pages, "Keep snippets"],
      take(row) {
        const text = row.text.replace(/\r\n?/g, "\n");
        write(field, text, start, end, start + text.length);
      },
      left() {
        field.focus({ preventScroll: true });
        field.setSelectionRange(start, end);
      },
    });
  };
}
