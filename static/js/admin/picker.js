// One dialog in which something is looked for and chosen by keys: posts to link to, snippets.
const PAUSE = 120;

export function makePicker() {
  const dialog = document.getElementById("picker");
  const title = dialog.querySelector("h2");
  const search = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const empty = dialog.querySelector(".lp-empty");
  const more = dialog.querySelector("[data-more]");
  const beside = dialog.querySelector("[data-beside]");
  let ask = null;
  let rows = [];
  let chosen = 0;
  let page = 1;
  let asked = 0;
  let timer = null;
  let over = false;

  const point = (index) => {
    chosen = Math.max(0, Math.min(rows.length - 1, index));
    for (const [number, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(number === chosen));
      if (number === chosen) {
        search.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    }
    if (!rows.length) search.removeAttribute("aria-activedescendant");
  };
  const optionOf = (row, index) => {
    const option = document.createElement("li");
    const name = document.createElement("b");
    const small = document.createElement("small");
    option.id = `picked-${index}`;
    option.setAttribute("role", "option");
    name.dir = small.dir = "auto";
    name.textContent = row.name;
    small.textContent = row.small;
    option.append(name, small);
    option.addEventListener("click", () => take(index));
    return option;
  };
  async function fill(next = false) {
    asked += 1;
    const mine = asked;
    const wanted = next ? page + 1 : 1;
    let answer;
    try {
      answer = await ask.find(search.value.trim(), wanted);
    } catch {
      answer = { rows: [], more: false, sentence: "The list could not be fetched. Look again in a moment." };
    }
    if (mine !== asked || !dialog.open) return;
    page = wanted;
    rows = next ? [...rows, ...answer.rows] : answer.rows;
    list.replaceChildren(...rows.map(optionOf));
    list.hidden = rows.length === 0;
    empty.hidden = rows.length > 0;
    empty.textContent = answer.sentence ?? ask.empty(search.value.trim());
    more.hidden = !answer.more;
    point(next ? chosen : 0);
  }
  function take(index) {
    const row = rows[index];
    if (!row) return;
    over = true;
    dialog.close();
    ask.take(row);
  }
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(fill, PAUSE);
  });
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      point(chosen + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(chosen);
    }
  });
  more.addEventListener("click", () => {
    fill(true);
    search.focus();
  });
  // What is looked for here is no change of the post.
  for (const name of ["input", "change"]) dialog.addEventListener(name, (event) => event.stopPropagation());
  // Once, and with the click itself: told of the close later, it would take the place from keys pressed meanwhile.
  function leave() {
    clearTimeout(timer);
    if (over || dialog.open) return;
    over = true;
    ask.left();
  }
  dialog.querySelector("[data-close]").addEventListener("click", () => {
    dialog.close();
    leave();
  });
  dialog.addEventListener("close", leave);

  return (question) => {
    ask = question;
    over = false;
    rows = [];
    title.textContent = question.title;
    search.value = question.begin ?? "";
    search.placeholder = question.hint;
    search.setAttribute("aria-label", question.hint);
    list.setAttribute("aria-label", question.title);
    list.replaceChildren();
    list.hidden = empty.hidden = more.hidden = true;
    beside.hidden = !question.beside;
    if (question.beside) [beside.href, beside.textContent] = question.beside;
    dialog.showModal();
    search.focus();
    fill();
  };
}
