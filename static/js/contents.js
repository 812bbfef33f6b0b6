// Marks, in the list of contents, the part that is being read.
const links = new Map();
for (const link of document.querySelectorAll(".toc a")) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) links.set(heading, link);
}

if (links.size) {
  const headings = [...links.keys()];
  const mark = () => {
    const line = window.innerHeight / 3;
    const current = headings.findLast((heading) => heading.getBoundingClientRect().top <= line) ?? headings[0];
    for (const [heading, link] of links) {
      if (heading === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  // Two thirds of the window are left out at the bottom, so a heading counts when it reaches the upper third.
  const watcher = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
  headings.forEach((heading) => watcher.observe(heading));
  mark();
}
