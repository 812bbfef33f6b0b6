// Shows which passages are new or changed since the last visit: a rule beside each, a note beside the first of a run,
// and a line at the foot of the window that leads from one to the next. Nothing of the text moves.
const CLIPS = "pre, .tw, .code, table";

function date(at) {
  const then = new Date(at);
  const year = then.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(document.documentElement.lang || undefined, { day: "numeric", month: "long", year })
    .format(then)
    .replaceAll(" ", "\u00a0");
}

async function styled(address) {
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = address;
  await new Promise((done) => {
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });
}

function note(block, text) {
  const holder = block.matches(CLIPS) ? null : block.matches("p, li, h2, h3, h4, h5, h6") ? block : block.querySelector("p, li");
  if (!holder || holder.closest(CLIPS)) return;
  const mark = document.createElement("span");
  mark.className = "since-note";
  mark.textContent = `${text} `;
  holder.prepend(mark);
}

export async function show({ page, style, all, found, since, seen, forget }) {
  await styled(style);
  const day = date(since);
  const said = (words) => words.replace("{day}", day);
  const kinds = new Map([
    ...found.fresh.map((place) => [place, "new"]),
    ...found.changed.map((place) => [place, "changed"]),
  ]);
  const places = [...kinds.keys()].sort((one, other) => one - other);
  const marked = places.map((place, number) => {
    const block = all[place], kind = kinds.get(place);
    block.dataset.since = kind;
    if (places[number - 1] !== place - 1 || kinds.get(place - 1) !== kind) note(block, said(page.dataset[kind]));
    return block;
  });

  const line = page.content.firstElementChild.cloneNode(true);
  const part = (name) => line.querySelector(`[data-${name}]`);
  const number = new Intl.NumberFormat(document.documentElement.lang || undefined);
  part("told").textContent = said(page.dataset.told);
  const counts = part("counts");
  counts.textContent = [["new", found.fresh.length], ["changed", found.changed.length], ["gone", found.gone]]
    .filter(([, count]) => count)
    .map(([name, count]) => `${number.format(count)} ${counts.dataset[name]}`)
    .join(" · ");

  const done = () => {
    seen();
    line.remove();
    for (const block of marked) delete block.dataset.since;
    for (const mark of document.querySelectorAll(".since-note")) mark.remove();
  };
  let at = -1;
  const step = (by) => {
    at = (at + by + marked.length) % marked.length;
    const block = marked[at];
    block.tabIndex = -1;
    block.focus({ preventScroll: true });
    block.scrollIntoView({ block: "center" });
    part("at").textContent = `${number.format(at + 1)}/${number.format(marked.length)}`;
  };
  if (marked.length) {
    part("next").addEventListener("click", () => step(1));
    part("back").addEventListener("click", () => step(at < 0 ? 0 : -1));
    part("back").hidden = marked.length < 2;
  } else {
    part("steps").remove();
  }
  part("close").addEventListener("click", done);
  part("forget").addEventListener("click", () => {
    done();
    forget();
  });
  document.body.append(line);
  // Said once it is there, so that it is heard.
  part("heard").textContent = part("summary").textContent.replace(/\s+/g, " ");

  // What was on the screen is seen: the next visit counts from this one.
  const unseen = new Set(marked);
  if (!unseen.size) seen();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      unseen.delete(entry.target);
      watcher.unobserve(entry.target);
    }
    if (!unseen.size) seen();
  });
  for (const block of marked) watcher.observe(block);
}
