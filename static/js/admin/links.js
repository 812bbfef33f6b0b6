// A link to another post, found by its title: by its button, its keys, or "[[" in the text.
import { isCode, write } from "./text.js";

const plain = (title) => title.replace(/[\\[\]*_`<>]/g, "\\$&");

export function followLinks(page, field, pick) {
  const address = page.querySelector(".lp-keys").dataset.links;

  async function find(words, number) {
    const answer = await fetch(`${address}&q=${encodeURIComponent(words)}&page=${number}`);
    if (!answer.ok) throw new Error(String(answer.status));
    const { posts, more } = await answer.json();
    return { more, rows: posts.map((post) => ({ ...post, name: post.title, small: `${post.state} · ${post.path}` })) };
  }
  // From the place of "[[" when that was typed, else around what is chosen.
  function open(brackets = false) {
    const { selectionStart, selectionEnd, value } = field;
    const start = brackets ? selectionStart - 2 : selectionStart;
    const words = value.slice(selectionStart, selectionEnd);
    pick({
      title: "Link to a post",
      hint: "Words of its title",
      begin: words.length <= 80 && !words.includes("\n") ? words : "",
      find,
      empty: (sought) => (sought ? `No post has “${sought}” in its title.` : "There is no other post yet."),
      take(post) {
        const text = `[${words || plain(post.title)}](${post.path})`;
        write(field, text, start, selectionEnd, start + text.length);
      },
      left() {
        field.focus({ preventScroll: true });
        field.setSelectionRange(selectionStart, selectionEnd);
      },
    });
  }
  field.addEventListener("input", (event) => {
    if (event.isComposing || event.inputType !== "insertText" || event.data !== "[") return;
    const place = field.selectionStart;
    if (field.value.slice(place - 2, place) !== "[[" || isCode(field.value, place)) return;
    open(true);
  });
  return () => open();
}
