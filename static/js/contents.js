// Marks, in the list of contents, the part that is being read, and keeps it in sight where the list is long.
const toc = document.querySelector(".toc");
const links = new Map();
for (const link of document.querySelectorAll(".toc a")) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) links.set(heading, link);
}

if (links.size) {
  const headings = [...links.keys()];
  let marked = null;
  const mark = () => {
    const line = window.innerHeight / 3;
    const current = links.get(headings.findLast((heading) => heading.getBoundingClientRect().top <= line) ?? headings[0]);
    if (current === marked) return;
    marked?.removeAttribute("aria-current");
    current.setAttribute("aria-current", "true");
    marked = current;
    if (toc.scrollHeight > toc.clientHeight) toc.scrollTop = current.offsetTop - toc.offsetTop - toc.clientHeight / 2;
  };
  // From the upper third of the window on, and also far above, so that no jump is missed.
  const watcher = new IntersectionObserver(mark, { rootMargin: "1000000px 0px -66% 0px" });
  headings.forEach((heading) => watcher.observe(heading));
  mark();
}
