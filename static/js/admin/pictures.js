// Choosing from the library, in a dialog: pictures for the post and its text, files and sound for the text.
import { named, putSentence } from "./notices.js";
import { makePictureForm } from "./picture_form.js";
import { sendFile } from "./library_sending.js";

const PAUSE = 200;
const AT_ONCE = 3;

// Where and how files are sent from this page; null for people who may not upload.
export function waysOf(dialog, form) {
  const { send, direct, directFrom } = dialog.dataset;
  return send ? { send, view: "grid", direct, directFrom: Number(directFrom), token: () => form.elements.csrfmiddlewaretoken.value } : null;
}

export function followPictures(page) {
  const dialog = document.getElementById("library");
  const pane = dialog.querySelector("[data-pane=choose]");
  const search = pane.querySelector("input[type=search]");
  const list = pane.querySelector("ul");
  const empty = pane.querySelector(".lp-empty");
  const more = pane.querySelector("[data-more]");
  const said = pane.querySelector(".lp-lib-said");
  const mine = pane.querySelector("[data-mine]");
  const kinds = pane.querySelector("[data-kinds]");
  const files = pane.querySelector("[data-files]");
  const ways = waysOf(dialog, page.closest("form"));
  const ask = makePictureForm(dialog);
  let choosing = { then: () => {}, inText: false };
  let kind = "image";
  let asked = 0;
  let number = 1;
  let timer = null;

  const tell = (sentence) => {
    putSentence(said, sentence);
    said.hidden = !sentence;
  };
  function tileOf(asset) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const name = document.createElement("b");
    const small = document.createElement("small");
    button.type = "button";
    if (asset.thumb) {
      const image = document.createElement("img");
      Object.assign(image, { src: asset.thumb, alt: asset.alt, loading: "lazy", width: 320, height: 320 });
      button.append(image);
    } else {
      const face = document.createElement("span");
      face.className = "lp-face";
      face.textContent = asset.type;
      button.append(face);
    }
    name.dir = "auto";
    name.textContent = asset.name;
    small.textContent = asset.size;
    button.append(name, small);
    if (asset.kind === "image" && !asset.alt && !asset.decorative) {
      const chip = document.createElement("span");
      chip.className = "lp-chip bad";
      chip.textContent = "No description";
      button.append(chip);
    }
    button.addEventListener("click", () => take(asset));
    item.append(button);
    return item;
  }
  async function fill(next = false) {
    asked += 1;
    const now = asked;
    const wanted = next ? number + 1 : 1;
    const words = new URLSearchParams({ q: search.value, kind, page: wanted, ...(mine.checked ? { mine: "1" } : {}) });
    let found = { pictures: [], more: false };
    let sentence = search.value || mine.checked ? "Nothing matches." : kind === "image" ? "There is no picture in the library yet." : "There is no file in the library yet.";
    try {
      const answer = await fetch(`${dialog.dataset.choose}?${words}`);
      if (!answer.ok || answer.redirected) throw new Error();
      found = await answer.json();
    } catch {
      sentence = "The library cannot be reached. Look again in a moment.";
    }
    if (now !== asked) return;
    number = wanted;
    const tiles = found.pictures.map(tileOf);
    if (next) list.append(...tiles);
    else list.replaceChildren(...tiles);
    empty.hidden = list.children.length > 0;
    empty.textContent = sentence;
    more.hidden = !found.more;
    if (next) tiles[0]?.querySelector("button").focus();
  }
  function showChoosing() {
    for (const each of dialog.querySelectorAll("[data-pane]")) each.hidden = each !== pane;
    dialog.setAttribute("aria-labelledby", "library-title");
    search.focus();
  }
  function finish(words) {
    dialog.close();
    choosing.then(words);
  }
  function take(asset) {
    const bare = asset.kind === "image" && !asset.alt && !asset.decorative;
    if (asset.kind !== "image" || (!choosing.inText && !bare)) return finish({ asset, alt: asset.alt, decorative: asset.decorative, caption: "", width: "" });
    const words = choosing.inText ? { title: "Before it goes into the text", verb: "Insert", inText: true } : { title: "Describe it", verb: "Use it" };
    return ask([asset], words, (all, closed) => {
      if (all) finish(all[0]);
      else if (!closed) showChoosing();
    });
  }

  // ---- New files, from here ---------------------------------------------------------------------------------------
  async function upload(chosen) {
    if (!ways || !chosen.length) return;
    const waiting = [...chosen];
    const kept = [];
    const wrong = [];
    const say = () => tell(`${kept.length} of ${chosen.length} in the library.${wrong.length ? ` ${wrong.join(" ")}` : ""}`);
    say();
    const work = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        try {
          kept.push(Object.assign(await sendFile(file, { ...ways, progress: () => {} }), { file }));
        } catch (error) {
          if (error.signedOut) document.dispatchEvent(new CustomEvent("letterpress:signed-out"));
          wrong.push(`${named(file.name)} was not kept. ${error.message}`);
        }
        say();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    search.value = "";
    if (kept.length === 1 && chosen.length === 1 && dialog.open && !kept[0].held_back) {
      tell("");
      take(kept[0]);
    } else fill();
  }
  files?.addEventListener("change", () => {
    upload([...files.files]);
    files.value = "";
  });
  pane.querySelector("[data-upload]")?.addEventListener("click", () => files.click());
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  pane.addEventListener("dragover", (event) => {
    if (!holdsFiles(event) || !ways) return;
    event.preventDefault();
    pane.classList.add("dropping");
  });
  pane.addEventListener("dragleave", (event) => pane.contains(event.relatedTarget) || pane.classList.remove("dropping"));
  pane.addEventListener("drop", (event) => {
    pane.classList.remove("dropping");
    if (!holdsFiles(event)) return;
    event.preventDefault();
    upload([...event.dataTransfer.files]);
  });

  // ---- Looking ----------------------------------------------------------------------------------------------------
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(fill, PAUSE);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "ArrowDown") {
      event.preventDefault();
      list.querySelector("button")?.focus();
    }
  });
  mine.addEventListener("change", () => fill());
  kinds.addEventListener("click", (event) => {
    const button = event.target.closest("[data-kind]");
    if (!button) return;
    kind = button.dataset.kind;
    for (const each of kinds.children) each.setAttribute("aria-pressed", String(each === button));
    fill();
  });
  more.addEventListener("click", () => fill(true));
  // The arrows go from picture to picture, up and down by rows.
  list.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.indexOf(event.target.closest("button"));
    const top = buttons[0]?.offsetTop;
    const across = Math.max(1, buttons.findIndex((each) => each.offsetTop !== top));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + across, ArrowUp: at - across, Home: 0, End: buttons.length - 1 }[event.key];
    if (at === -1 || to === undefined) return;
    event.preventDefault();
    if (to < 0) search.focus();
    else buttons[Math.min(to, buttons.length - 1)]?.focus();
  });
  // What is looked for here is no change of the post.
  for (const name of ["input", "change"]) dialog.addEventListener(name, (event) => event.stopPropagation());
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());

  const choose = (then, { inText = false } = {}) => {
    choosing = { then, inText };
    kinds.hidden = !inText;
    if (!inText && kind !== "image") kinds.querySelector("[data-kind=image]").click();
    dialog.querySelector("#library-title").textContent = inText ? "Into the text" : "Choose a picture";
    tell("");
    dialog.showModal();
    showChoosing();
    fill();
  };
  for (const box of page.querySelectorAll(".lp-choose")) {
    const select = box.querySelector("select");
    const button = box.querySelector("[data-choose]");
    const image = box.querySelector("img");
    const line = box.querySelector(".lp-ok");
    // The dialog has them all.
    box.querySelector("[data-by-address]")?.remove();
    button.hidden = false;
    button.addEventListener("click", () =>
      choose(({ asset, alt, decorative }) => {
        if (![...select.options].some((option) => option.value === String(asset.id))) {
          select.add(new Option(asset.name, asset.id));
        }
        select.value = asset.id;
        image.src = asset.thumb || asset.url;
        image.alt = alt;
        image.hidden = line.hidden = false;
        line.textContent = `${alt ? "Described" : decorative ? "Decorative" : "No description"}, ${asset.size}.`;
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }),
    );
    select.addEventListener("change", () => {
      image.hidden = line.hidden = !select.value;
    });
  }
  return { choose, describe: ask, ways, dialog };
}
