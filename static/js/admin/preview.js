// The preview follows the text, a moment after the last key, and keeps its place.
const PAUSE = 350;

export function followPreview(page, form) {
  const frame = page.querySelector("iframe.lp-paper");
  const wrong = page.querySelector(".lp-wrong");
  const words = form.querySelector(".lp-words");
  const sheet = frame.closest(".lp-prev");
  let timer = null;
  let running = null;

  const part = (name) => frame.contentDocument?.querySelector(`[data-part=${name}]`);
  const theme = () => {
    const chosen = document.documentElement.dataset.theme;
    if (!frame.contentDocument?.documentElement) return;
    if (chosen && chosen !== "auto") frame.contentDocument.documentElement.dataset.theme = chosen;
    else delete frame.contentDocument.documentElement.dataset.theme;
  };
  const say = (sentence) => {
    wrong.hidden = !sentence;
    wrong.textContent = sentence;
  };

  function show(answer) {
    if (!part("text")) return;
    const place = frame.contentWindow.scrollY;
    part("title").textContent = form.elements.title.value || "Untitled";
    part("excerpt").textContent = form.elements.excerpt.value;
    part("category").textContent = answer.category;
    part("picture").hidden = !answer.picture;
    if (answer.picture && part("picture").getAttribute("src") !== answer.picture) part("picture").src = answer.picture;
    // Already sanitised by the renderer, and shown where scripts cannot run.
    part("text").innerHTML = answer.html;
    frame.contentWindow.scrollTo(0, place);
    if (words) words.textContent = `${answer.words.toLocaleString("en-GB")} words · ${answer.minutes} min`;
  }

  async function render() {
    running?.abort();
    running = new AbortController();
    const data = new FormData();
    for (const name of ["csrfmiddlewaretoken", "content_markdown", "content_language", "category", "featured_image"]) {
      if (form.elements[name]) data.set(name, form.elements[name].value);
    }
    try {
      const answer = await fetch(page.dataset.preview.split("?")[0], { method: "POST", body: data, signal: running.signal });
      const told = await answer.json();
      if (answer.ok) {
        say("");
        show(told);
      } else say(told.error || "The preview could not be made.");
    } catch (error) {
      if (error.name !== "AbortError") say("The preview could not be made; the text itself is untouched.");
    }
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(render, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  const begin = () => {
    theme();
    // A link that is tried must not lead the preview away from the text.
    frame.contentDocument?.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link || link.getAttribute("href").startsWith("#")) return;
      event.preventDefault();
      window.open(link.href, "_blank", "noopener");
    });
    render();
  };
  frame.addEventListener("load", begin);
  if (part("text")) begin();
  new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ["data-theme"] });

  const group = page.querySelector(".lp-widths");
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-width]");
    if (!chosen) return;
    for (const button of group.children) button.setAttribute("aria-pressed", String(button === chosen));
    sheet.classList.toggle("phone", chosen.dataset.width === "phone");
  });

  const toggle = page.querySelector(".lp-show");
  const wide = matchMedia("(min-width: 1280px)");
  const settle = () => toggle.setAttribute("aria-pressed", String(wide.matches ? !page.classList.contains("alone") : page.classList.contains("reading")));
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    page.classList.toggle(wide.matches ? "alone" : "reading");
    settle();
  });
  wide.addEventListener("change", settle);
  settle();
}
