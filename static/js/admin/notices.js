// What happens to files and pasted text is said in a line below the tools.
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

// A name as it stands in a sentence: in quotes, and running its own way without turning the sentence round.
export const named = (name) => `“\u2068${name.replace(STEERING, "")}\u2069”`;

// A sentence with its names in place; the signs around them become elements, for they are none of the words.
export function putSentence(element, sentence) {
  const parts = sentence.split(/\u2068([^\u2069]*)\u2069/);
  const nodes = parts.map((part, index) => {
    if (index % 2 === 0) return part;
    const name = document.createElement("bdi");
    name.textContent = part;
    return name;
  });
  element.replaceChildren(...nodes);
}

export function makeNotices(page) {
  const box = page.querySelector(".lp-heard");
  const mark = document.createElement("div");
  page.querySelector(".lp-tools").after(mark, box);
  // Scrolled past, the box stays in sight above the text; then it shows one line, the last, to cover no more of it.
  const watch = new IntersectionObserver(([seen]) => {
    box.classList.toggle("above", !seen.isIntersecting && seen.boundingClientRect.top < seen.rootBounds.top);
  }, { rootMargin: "-56px 0px 0px 0px" });
  watch.observe(mark);

  // `last`: how something goes that is not over yet; it stays below what is said meanwhile.
  return function tell(sentence, { wrong = false, link = null, deed = null, last = false } = {}) {
    const line = document.createElement("p");
    const words = document.createElement("span");
    const close = document.createElement("button");
    line.className = wrong ? "wrong" : "";
    if (wrong) line.setAttribute("role", "alert");
    putSentence(words, sentence);
    close.type = "button";
    close.textContent = "Dismiss";
    close.addEventListener("click", () => line.remove());
    line.append(words);
    if (deed) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = deed[0];
      button.addEventListener("click", () => {
        line.remove();
        deed[1]();
      });
      line.append(button);
    }
    const all = document.createElement("button");
    all.type = "button";
    all.className = "all";
    all.textContent = "Show all";
    all.addEventListener("click", () => mark.scrollIntoView({ block: "center" }));
    line.append(all, close);
    const notice = {
      say(next, linked = null) {
        putSentence(words, next);
        line.querySelector("a")?.remove();
        if (!linked) return;
        const anchor = document.createElement("a");
        [anchor.href, anchor.textContent] = linked;
        anchor.target = "_blank";
        anchor.rel = "noopener";
        words.after(anchor);
      },
      done(after = 0) {
        delete line.dataset.last;
        setTimeout(() => line.remove(), after);
      },
    };
    if (link) notice.say(sentence, link);
    const going = last ? null : box.querySelector("[data-last]");
    if (last) line.dataset.last = "";
    if (going) going.before(line);
    else box.append(line);
    return notice;
  };
}
