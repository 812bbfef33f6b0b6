// What happens to files and pasted text is said in a line below the tools.
export function makeNotices(page) {
  const box = page.querySelector(".lp-heard");
  page.querySelector(".lp-tools").after(box);

  return function tell(sentence, { wrong = false, link = null } = {}) {
    const line = document.createElement("p");
    const words = document.createElement("span");
    const close = document.createElement("button");
    line.className = wrong ? "wrong" : "";
    if (wrong) line.setAttribute("role", "alert");
    words.dir = "auto";
    words.textContent = sentence;
    close.type = "button";
    close.textContent = "Dismiss";
    close.addEventListener("click", () => line.remove());
    line.append(words, close);
    const notice = {
      say(next, linked = null) {
        words.textContent = next;
        line.querySelector("a")?.remove();
        if (!linked) return;
        const anchor = document.createElement("a");
        [anchor.href, anchor.textContent] = linked;
        anchor.target = "_blank";
        anchor.rel = "noopener";
        words.after(anchor);
      },
      done: (after = 0) => setTimeout(() => line.remove(), after),
    };
    if (link) notice.say(sentence, link);
    box.append(line);
    return notice;
  };
}
