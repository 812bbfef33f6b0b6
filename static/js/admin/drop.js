// Files dropped onto the text or pasted into it go to the library, and into the text where they were let fall; then they are
// described in one dialog.
import { named } from "./notices.js";
import { markdownOf } from "./picture_text.js";
import { moved, write } from "./text.js";
import { sendFile } from "./library_sending.js";

const MB = 1024 * 1024;

export function followFiles(field, { ways, describe, dialog }, tell) {
  const page = field.closest(".lp-edit");
  let queue = Promise.resolve();
  let going = 0;
  // The files that came in since nothing was on its way: how many, how many are in the text, how many were not kept.
  let round = null;
  let bare = [];
  const standing = new Map();
  let typed = false;
  field.addEventListener("keydown", () => {
    typed = true;
  });

  // Why a file is not taken, in a sentence; empty when it may be tried.
  function refusal(file) {
    if (!ways) return "Your role does not let you upload pictures. The text is as it was.";
    const most = Number(dialog.dataset.most);
    if (file.type.startsWith("image/") && file.size > most) {
      return `${named(file.name)} is ${Math.ceil(file.size / MB)} MB; a picture may have ${Math.floor(most / MB)} MB. Make it smaller and drop it again. The text is as it was.`;
    }
    return "";
  }
  // How it goes stands in one line: of a single file by its name, of several by their number.
  function say(ofOne, end = "") {
    const { total, put, wrong } = round;
    const sentence = total === 1 ? ofOne : `${put} of ${total} in the text${wrong ? `, ${wrong} not` : ""}${end}`;
    round.notice ??= tell(sentence, { last: true });
    round.notice.say(sentence);
  }
  function endRound({ notice, put, held, name }) {
    if (held) say(`${named(held)} is in the text; readers see it once the scanner found it clean.`, ". Readers see what is new once the scanner found it clean.");
    else if (put) say(`${named(name)} is in the library and in the text.`, ".");
    notice.done(put ? 6000 : 0);
    round = null;
  }
  async function keep(file, place) {
    const began = field.value;
    say(`${named(file.name)} is on its way`);
    try {
      const progress = (part) => say(part < 1 ? `${named(file.name)} is on its way: ${Math.round(part * 100)} %` : `${named(file.name)} is being checked`);
      const asset = Object.assign(await sendFile(file, { ...ways, progress }), { file });
      const at = moved(place, began, field.value);
      const head = field.value.slice(0, at);
      const before = at === 0 || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
      const after = field.value.slice(at).startsWith("\n") ? "\n" : "\n\n";
      const text = `${before}${markdownOf({ asset, alt: asset.alt })}${after}`;
      write(field, text, at, at, at + text.length);
      round.put += 1;
      round.name = asset.name;
      if (asset.held_back) round.held = asset.name;
      if (asset.kind === "image" && !asset.alt && !asset.decorative) {
        standing.delete(asset.id);
        if (!bare.some(({ id }) => id === asset.id)) bare.push(asset);
      }
      return at + text.length;
    } catch (error) {
      round.wrong += 1;
      if (error.signedOut) document.dispatchEvent(new CustomEvent("letterpress:signed-out"));
      const sentence = error.signedOut ? "Your session has ended: sign in again, then drop it once more." : error.message;
      tell(`${named(file.name)} was not kept. ${sentence}`, { wrong: true });
      return place;
    }
  }

  // ---- What they show ---------------------------------------------------------------------------------------------
  // As it was put in by this dialog; what was written by hand since then stays.
  function putWords(words) {
    const was = markdownOf({ alt: "", ...standing.get(words.asset.id), asset: words.asset });
    const now = markdownOf(words);
    standing.set(words.asset.id, { alt: words.alt });
    if (was === now) return;
    for (let at = field.value.indexOf(was); at !== -1; at = field.value.indexOf(was, at + now.length)) {
      write(field, now, at, at + was.length);
    }
  }
  function askWords(assets) {
    const title = assets.length === 1 ? "What does it show?" : `What do these ${assets.length} pictures show?`;
    describe(assets, { title, verb: "Save", backWord: "Later", saves: true }, async (all, closed, kept) => {
      if (dialog.open) dialog.close();
      const place = [field.selectionStart, field.selectionEnd, field.value];
      for (const words of all) putWords(words);
      field.setSelectionRange(...place.slice(0, 2).map((each) => moved(each, place[2], field.value)));
      try {
        await kept;
      } catch (error) {
        tell(`What you typed is in the text, but not in the library. ${error.message}`, { wrong: true, deed: ["Look again", () => askWords(assets)] });
        return;
      }
      const bareStill = all.filter(({ alt, decorative }) => !alt && !decorative).length;
      if (bareStill) remind(assets, bareStill);
    });
  }
  function remind(assets, count = assets.length) {
    const words = assets.length === 1 ? `${named(assets[0].name)} has no description yet.` : count === 1 ? "One picture has no description yet." : `${count} pictures have no description yet.`;
    tell(words, { deed: [count === 1 ? "Describe it" : "Describe them", () => askWords(assets)] });
  }
  function settle() {
    const assets = bare;
    bare = [];
    if (!assets.length) return;
    // Nobody is interrupted who went on writing, or who is asked something else.
    if (typed || document.querySelector("dialog[open]") || document.visibilityState === "hidden") remind(assets);
    else askWords(assets);
  }

  // One after the other, so that they stand in the order they came in.
  function take(files, place) {
    const good = [];
    for (const file of files) {
      const sentence = refusal(file);
      if (sentence) tell(sentence, { wrong: true });
      else good.push(file);
    }
    let at = place;
    let seen = field.value;
    if (good.length) {
      round ??= { total: 0, put: 0, wrong: 0, held: "", name: "", notice: null };
      round.total += good.length;
    }
    for (const file of good) {
      going += 1;
      typed = false;
      queue = queue.then(async () => {
        at = await keep(file, moved(at, seen, field.value));
        seen = field.value;
        going -= 1;
        if (going) return;
        endRound(round);
        settle();
      });
    }
    return good.length > 0;
  }

  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const placeAt = (event) => {
    const spot = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    return spot && spot.offsetNode === field ? spot.offset : field.selectionEnd;
  };
  // A file let fall anywhere else would open in place of the page and take the text with it.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      if (hasFiles(event) && !event.target.closest?.("input[type=file]")) event.preventDefault();
    });
  }
  const zone = page.querySelector(".lp-write");
  zone.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.dataTransfer.dropEffect = "copy";
    zone.classList.add("dropping");
  });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("dropping");
  });
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("dropping");
    if (!hasFiles(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files], placeAt(event));
  });
  return take;
}
