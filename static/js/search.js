// What the search field offers while somebody types: a combobox with a list, as ARIA 1.2 describes it. Without this the
// field is a field, and the button searches.
const WAIT = 150;
const SHORTEST = 2;

for (const form of document.querySelectorAll("form[data-suggest]")) {
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  const told = document.createElement("p");
  let chosen = -1;
  let asked = null;
  let timer = 0;

  list.id = `${input.id}-offers`;
  list.className = "offers";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.querySelector("label").textContent);
  told.className = "vh";
  told.setAttribute("role", "status");
  input.after(list, told);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (number) => {
    chosen = number;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
    if (number < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[number].id);
      list.children[number].scrollIntoView({ block: "nearest" });
    }
  };

  const option = ({ label, what, url }, number) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const kind = document.createElement("span");
    item.id = `${list.id}-${number}`;
    item.dataset.url = url;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    name.textContent = label;
    name.dir = "auto";
    kind.className = "meta";
    kind.textContent = what;
    item.append(name, kind);
    return item;
  };

  const offer = (found) => {
    list.replaceChildren(...found.map(option));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    told.textContent = found.length ? form.dataset.some + found.length : form.dataset.none;
  };

  const ask = async () => {
    asked?.abort();
    const words = input.value.trim();
    if (words.length < SHORTEST) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal: asked.signal });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement === input) offer(suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.url);
    } else if (event.key === "ArrowDown" && last >= 0) {
      event.preventDefault();
      if (list.hidden) offerAgain();
      choose(chosen < last ? chosen + 1 : -1);
    } else if (event.key === "ArrowUp" && last >= 0) {
      event.preventDefault();
      if (list.hidden) offerAgain();
      choose(chosen < 0 ? last : chosen - 1);
    }
  });

  const offerAgain = () => {
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };

  // Pressing must not take the focus from the field before the click arrives.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[role=option]");
    if (item) location.assign(item.dataset.url);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", () => { asked?.abort(); clearTimeout(timer); });
}
