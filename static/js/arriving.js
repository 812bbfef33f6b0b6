// Fetches a module, and its sheets, when what they are for comes near the window: the part of the page that names them,
// or what it says they wait for.
const sheet = (href) => new Promise((done) => {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: done }));
});

for (const part of document.querySelectorAll("[data-module]")) {
  const { module, near, sheets } = part.dataset;
  const watch = new IntersectionObserver(async (seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    await Promise.all(sheets?.split(" ").map(sheet) ?? []);
    (await import(module)).begin?.(part);
    part.dataset.begun = "";
  }, { rootMargin: "100%" });
  for (const one of near ? document.querySelectorAll(near) : [part]) watch.observe(one);
}
