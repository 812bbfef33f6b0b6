// Choosing a picture from the library, in a dialog.
export function followPictures(page) {
  const dialog = document.getElementById("library");
  const search = dialog.querySelector("input[type=search]");
  const list = dialog.querySelector("ul");
  const empty = dialog.querySelector(".lp-empty");
  let taken = () => {};
  let timer = null;

  async function fill() {
    const answer = await fetch(`${page.dataset.library}?q=${encodeURIComponent(search.value)}`);
    if (!answer.ok) return;
    const { pictures } = await answer.json();
    empty.hidden = pictures.length > 0;
    list.replaceChildren(
      ...pictures.map((picture) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        const image = document.createElement("img");
        const name = document.createElement("b");
        const size = document.createElement("small");
        button.type = "button";
        image.src = picture.url;
        image.alt = picture.alt;
        image.loading = "lazy";
        name.textContent = picture.name;
        size.textContent = picture.alt ? picture.size : `${picture.size} · no description`;
        button.append(image, name, size);
        button.addEventListener("click", () => {
          dialog.close();
          taken(picture);
        });
        item.append(button);
        return item;
      }),
    );
  }
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(fill, 250);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());

  const choose = (then) => {
    taken = then;
    dialog.showModal();
    search.focus();
    fill();
  };
  for (const box of page.querySelectorAll(".lp-choose")) {
    const select = box.querySelector("select");
    const button = box.querySelector("[data-choose]");
    button.hidden = false;
    button.addEventListener("click", () =>
      choose((picture) => {
        if (![...select.options].some((option) => option.value === String(picture.id))) {
          select.add(new Option(picture.name, picture.id));
        }
        select.value = picture.id;
        const image = box.querySelector("img");
        image.src = picture.url;
        image.alt = picture.alt;
        image.hidden = false;
        const said = box.querySelector(".lp-ok");
        said.hidden = false;
        said.textContent = picture.alt ? `Described, ${picture.size}.` : `No description, ${picture.size}.`;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }),
    );
    select.addEventListener("change", () => {
      if (!select.value) box.querySelector("img").hidden = true;
    });
  }
  return choose;
}
