// Picture files dropped onto the text or pasted into it go to the library, and into the text where they were let fall.
import { moved, write } from "./text.js";

const TYPES = { "image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WebP", "image/avif": "AVIF" };
const MB = 1024 * 1024;

export function followFiles(page, field, tell) {
  const { picture: address, most } = page.querySelector(".lp-keys").dataset;
  const form = field.form;
  let queue = Promise.resolve();

  // Why a file is not taken, in a sentence; empty when it may be tried.
  function refusal(file) {
    if (!address) return "Your role does not let you upload pictures. The text is as it was.";
    if (!TYPES[file.type]) return `“${file.name}” is not a picture the library keeps: ${Object.values(TYPES).join(", ")}. The text is as it was.`;
    if (file.size > Number(most)) {
      return `“${file.name}” is ${Math.ceil(file.size / MB)} MB; a picture may have ${Math.floor(most / MB)} MB. Make it smaller and drop it again. The text is as it was.`;
    }
    return "";
  }
  function send(file, progress) {
    return new Promise((resolve, reject) => {
      const data = new FormData();
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.set("file", file, file.name);
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.responseType = "json";
      request.upload.addEventListener("progress", (event) => progress(event.total ? event.loaded / event.total : 0));
      request.addEventListener("load", () => {
        // An ended session leads to the log-in page.
        const ledAway = request.response === null && new URL(request.responseURL).pathname !== new URL(address, window.location.href).pathname;
        if (request.status === 200 && request.response?.url) resolve(request.response);
        else if (request.status === 401 || ledAway || (request.status === 403 && !request.response?.error)) {
          document.dispatchEvent(new CustomEvent("letterpress:signed-out"));
          reject(new Error("Your session has ended: sign in again, then drop it once more."));
        } else reject(new Error(request.response?.error ?? "The library did not answer; drop it again in a moment."));
      });
      request.addEventListener("error", () => reject(new Error("The library cannot be reached; drop it again in a moment.")));
      request.send(data);
    });
  }
  async function keep(file, place) {
    const began = field.value;
    const notice = tell(`“${file.name}” is on its way`);
    try {
      const picture = await send(file, (part) => notice.say(`“${file.name}” is on its way: ${Math.round(part * 100)} %`));
      const at = moved(place, began, field.value);
      const head = field.value.slice(0, at);
      const before = at === 0 || head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
      const after = field.value.slice(at).startsWith("\n") ? "\n" : "\n\n";
      const text = `${before}![${picture.alt.replace(/[\\[\]]/g, "\\$&").replace(/\s+/g, " ")}](${picture.url})${after}`;
      write(field, text, at, at, at + text.length);
      if (picture.alt || picture.decorative) {
        notice.say(`“${picture.name}” is in the library and in the text.`);
        notice.done(6000);
      } else notice.say(`“${picture.name}” is in the library and in the text. It has no description yet.`, [picture.page, "Describe it"]);
      return at + text.length;
    } catch (error) {
      notice.done();
      tell(`“${file.name}” was not kept. ${error.message}`, { wrong: true });
      return place;
    }
  }
  // One after the other, so that they stand in the order they came in.
  function take(files, place) {
    const good = [];
    for (const file of files) {
      const sentence = refusal(file);
      if (sentence) tell(sentence, { wrong: true });
      else good.push(file);
    }
    for (const file of good) {
      const began = field.value;
      const at = place;
      queue = queue.then(async () => {
        await keep(file, moved(at, began, field.value));
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
