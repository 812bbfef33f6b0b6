// Pictures that are shown smaller than they are can be enlarged: a button on each, and one dialog for all.
const article = document.querySelector("[data-enlarge]");
const words = article?.dataset;
// Below this there is hardly more to see.
const WORTH_IT = 1.2;
const widest = (picture) => {
  const offered = [...picture.querySelectorAll("source, img")].flatMap((each) => [...each.srcset.matchAll(/ (\d+)w/g)]);
  return Math.max(picture.querySelector("img").getAttribute("width"), ...offered.map((found) => found[1]));
};

const dialog = document.createElement("dialog");
let shown = [];
let at = 0;

function button(label, act, name = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn line small ${name}`;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function show(index) {
  at = (index + shown.length) % shown.length;
  const holder = shown[at];
  const picture = (holder.querySelector("picture") ?? holder.querySelector("img")).cloneNode(true);
  // Cut shapes are for the page; here the whole picture is shown, as large as there is room for.
  picture.querySelectorAll("source[media]").forEach((source) => source.remove());
  picture.querySelectorAll("source").forEach((source) => { source.sizes = "95vw"; });
  const image = picture.querySelector("img") ?? picture;
  image.sizes = "95vw";
  image.loading = "eager";
  image.className = "";
  const figure = document.createElement("figure");
  figure.append(picture);
  const caption = holder.querySelector("figcaption");
  if (caption) figure.append(caption.cloneNode(true));
  figure.querySelectorAll("[id]").forEach((element) => element.removeAttribute("id"));
  dialog.querySelector("figure").replaceWith(figure);
}

function build() {
  dialog.className = "zoomed";
  dialog.setAttribute("aria-label", words.picture);
  const bar = document.createElement("p");
  bar.className = "row-of-buttons";
  bar.append(button(words.close, () => dialog.close()));
  if (shown.length > 1) bar.append(button(words.before, () => show(at - 1)), button(words.after, () => show(at + 1)));
  dialog.append(bar, document.createElement("figure"));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) show(at + step);
  });
  document.body.append(dialog);
}

if (article) {
  const holders = [...article.querySelectorAll(".cover, .prose :is(figure, p, li):has(> img, > picture)")];
  shown = holders.filter((holder) => !holder.querySelector("a img") && holder.querySelectorAll("img").length === 1 && widest(holder) > holder.querySelector("img").offsetWidth * WORTH_IT);
  for (const [index, holder] of shown.entries()) {
    const opener = button("", () => {
      if (!dialog.isConnected) build();
      show(index);
      // Where the focus comes back to; some browsers give it to no button that is clicked.
      opener.focus({ preventScroll: true });
      dialog.showModal();
    }, "zoom");
    const image = holder.querySelector("img");
    image.addEventListener("click", () => opener.click());
    opener.setAttribute("aria-label", image.alt ? `${words.enlarge}: ${image.alt}` : words.enlarge);
    holder.classList.add("zoomable");
    holder.append(opener);
  }
}
