// What a picture says, asked for where it is used: alt text or “decorative”, and in a text its caption and width. Nothing that
// was typed is lost by going back or closing: it stands here again, or is in the library already (`saves`).
import { askUs } from "./library_sending.js";
import { drawSmall } from "./library_previews.js";
import { followWords } from "./library_words.js";

export function makePictureForm(dialog) {
  const form = dialog.querySelector("[data-pane=say]");
  const list = form.querySelector("[data-rows]");
  const wrong = form.querySelector("[role=alert]");
  const back = form.querySelector("[data-back]");
  const take = form.querySelector("[data-take]");
  const template = dialog.querySelector("template");
  const drafts = new Map();
  let rows = [];
  let saving = false;
  let answer = null;

  function rowOf(asset, inText) {
    const draft = { ...asset, width: "", ...drafts.get(asset.id) };
    const element = template.content.cloneNode(true).firstElementChild;
    const find = (name) => element.querySelector(`[data-${name}]`);
    const image = element.querySelector("img");
    // What has just come from here is drawn from here; the library makes its small pictures meanwhile.
    if (asset.file) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 192;
      canvas.setAttribute("aria-hidden", "true");
      image.replaceWith(canvas);
      drawSmall(asset.file, canvas);
    } else if (asset.thumb) image.src = asset.thumb;
    find("name").textContent = asset.name;
    find("alt").value = draft.alt;
    find("decorative").checked = draft.decorative;
    find("caption").value = draft.caption ?? "";
    find("width").value = draft.width;
    for (const label of element.querySelectorAll("[data-only-text]")) label.hidden = !inText;
    followWords(find("alt"), find("decorative"), find("said"));
    list.append(element);
    return { asset, element, find, kept: Promise.resolve() };
  }
  const said = ({ asset, find }) => ({
    asset,
    alt: find("decorative").checked ? "" : find("alt").value.trim().replace(/\s+/g, " "),
    decorative: find("decorative").checked,
    caption: find("caption").value.trim(),
    width: find("width").value,
  });
  async function keep({ asset, alt, decorative }) {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set("alt_text", alt);
    body.set("is_decorative", decorative ? "1" : "");
    try {
      await askUs(asset.words, { body });
    } catch (error) {
      if (error.signedOut) document.dispatchEvent(new CustomEvent("letterpress:signed-out"));
      throw error;
    }
    Object.assign(asset, { alt, decorative });
  }
  // What a picture says here for the first time, the library remembers; what it said already stays.
  async function remember(words) {
    const { asset, alt, decorative } = words;
    if (asset.words && !asset.alt && !asset.decorative && (alt || decorative)) await keep(words);
  }
  const isKept = ({ asset, alt, decorative }) => !asset.words || (alt === asset.alt && decorative === asset.decorative);
  // A row as it is now goes to the library, one state after the other; rejected when it could not be kept.
  function save(row) {
    row.kept = row.kept
      .catch(() => {})
      .then(async () => {
        const words = said(row);
        const line = row.find("kept");
        if (isKept(words)) return;
        line.classList.remove("wrong");
        line.textContent = "Saving…";
        try {
          await keep(words);
          line.textContent = isKept(said(row)) ? "Saved." : "";
        } catch (error) {
          line.classList.add("wrong");
          line.textContent = `Not saved. ${error.message}`;
          throw error;
        }
      });
    return row.kept;
  }
  const fail = (sentence, row) => {
    wrong.textContent = sentence;
    wrong.hidden = !sentence;
    row?.find("alt").focus();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const bare = rows.find((row) => !row.find("alt").value.trim() && !row.find("decorative").checked);
    if (bare && !form.dataset.asked) {
      form.dataset.asked = "yes";
      take.textContent = "Leave it without";
      fail("Say what it shows, or tick “Decorative”. A post with a picture that says neither does not pass its checks.", bare);
      return;
    }
    take.disabled = true;
    try {
      for (const row of rows) await (saving ? save(row) : remember(said(row)));
      const all = rows.map(said);
      for (const { asset } of rows) drafts.delete(asset.id);
      const done = answer;
      answer = null;
      done?.(all);
    } catch (error) {
      fail(error.message);
    } finally {
      take.disabled = false;
    }
  });
  // Enter is for the button, as in any small form; a new line says nothing in an alt text.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    const fields = [...list.querySelectorAll("textarea:not(:disabled)")];
    const following = fields[fields.indexOf(event.target) + 1];
    if (following) following.focus();
    else form.requestSubmit();
  });
  const rowAt = (event) => rows.find((row) => row.element.contains(event.target));
  list.addEventListener("input", (event) => {
    const row = rowAt(event);
    drafts.set(row.asset.id, said(row));
    row.find("kept").textContent = "";
    if (!form.dataset.asked) return;
    delete form.dataset.asked;
    take.textContent = form.dataset.verb;
    fail("");
  });
  list.addEventListener("change", (event) => {
    const row = rowAt(event);
    drafts.set(row.asset.id, said(row));
    // How it went stands in its row.
    if (saving) save(row).catch(() => {});
  });
  function leave(closed) {
    if (!answer) return;
    const done = answer;
    answer = null;
    if (saving) done(rows.map(said), closed, Promise.all(rows.map(save)));
    else done(null, closed);
  }
  back.addEventListener("click", () => leave(false));
  dialog.addEventListener("close", () => leave(true));

  // `then` gets what each says, or null when somebody went back; the second says whether the dialog was closed. With
  // `saves` each row is kept as it is left, and `then` gets what was typed in any case; the third, when somebody went, is
  // a promise that it is all kept.
  return function ask(assets, { title, verb, backWord = "Back", inText = false, saves = false }, then) {
    list.replaceChildren();
    saving = saves;
    rows = assets.map((asset) => rowOf(asset, inText));
    form.querySelector("[data-title]").textContent = title;
    form.dataset.verb = take.textContent = verb;
    delete form.dataset.asked;
    back.textContent = backWord;
    fail("");
    answer = then;
    for (const pane of dialog.querySelectorAll("[data-pane]")) pane.hidden = pane !== form;
    dialog.setAttribute("aria-labelledby", "library-say-title");
    if (!dialog.open) dialog.showModal();
    (rows.find((row) => !row.find("alt").value)?.find("alt") ?? take).focus();
  };
}
