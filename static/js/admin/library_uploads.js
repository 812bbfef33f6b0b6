// Files coming in: dropped anywhere on the page, pasted or chosen; three at once, each in a row that says how it goes.
import { nameOf, sizeOf } from "./file_facts.js";
import { drawSmall } from "./library_previews.js";
import { askUs, sendFile } from "./library_sending.js";
import { adviceOn } from "./library_words.js";
import { patch } from "./patch.js";
import { signInAgain } from "./relogin.js";

const AT_ONCE = 3;
const GOING = new Set(["waiting", "sending", "checking"]);

const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

export function followUploads(panel) {
  const list = panel.querySelector("[data-rows]");
  const sum = panel.querySelector(".lpm-upsum");
  const live = panel.querySelector("[data-live]");
  const input = panel.querySelector("[data-files]");
  const token = panel.querySelector("[name=csrfmiddlewaretoken]");
  const { send, view, direct, directFrom, login, user } = panel.dataset;
  const ways = { send, view, direct, directFrom: Number(directFrom), token: () => token.value };
  const rows = [];
  let asking = false;

  // ---- How it goes, in words --------------------------------------------------------------------------------------
  function show(row, state, sentence) {
    const held = document.activeElement;
    row.state = state;
    row.element.className = state;
    row.said.textContent = sentence;
    row.bar.hidden = state !== "sending" && state !== "checking";
    row.cancel.hidden = !GOING.has(state);
    row.again.hidden = state !== "failed" && state !== "cancelled";
    if (state === "checking") row.bar.removeAttribute("value");
    tally();
    // What was pressed may have hidden itself; whoever pressed it stays where they are.
    if (!held?.hidden || !panel.contains(held)) return;
    if (!row.element.contains(held)) sum.focus();
    else if (row.again.hidden) row.element.focus();
    else row.again.focus();
  }
  function tally() {
    const many = (...states) => rows.filter((row) => states.includes(row.state)).length;
    const [done, going, wrong] = [many("kept"), many(...GOING), many("failed", "refused")];
    sum.textContent = `${done} of ${counted(rows.length, "file")} in the library${wrong ? `, ${wrong} not` : ""}${going ? "" : "."}`;
    panel.querySelector("[data-cancel-all]").hidden = !going;
    panel.querySelector("[data-again-all]").hidden = many("failed") < 2 || going > 0;
    panel.querySelector("[data-done]").hidden = going > 0;
  }
  const announce = (sentence) => {
    live.textContent = `${sentence} ${sum.textContent}`;
  };

  // ---- One after the other ----------------------------------------------------------------------------------------
  function add(files) {
    for (const file of files) {
      const element = panel.querySelector("[data-row]").content.cloneNode(true).firstElementChild;
      const find = (selector) => element.querySelector(selector);
      const name = nameOf(file);
      const row = { file, name, element, said: find(".lpm-upsaid"), bar: find("progress"), cancel: find("[data-cancel]"), again: find("[data-again]"), unsaved: false };
      find("[data-name]").textContent = name;
      find("[data-size]").textContent = sizeOf(file.size);
      row.bar.setAttribute("aria-label", `Sent of ${name}`);
      row.cancel.setAttribute("aria-label", `Cancel ${name}`);
      row.again.setAttribute("aria-label", `Try ${name} again`);
      row.cancel.addEventListener("click", () => cancel(row));
      row.again.addEventListener("click", () => {
        retry(row);
        row.cancel.focus();
      });
      rows.push(row);
      list.append(element);
      drawSmall(file, find("canvas"));
      show(row, "waiting", "Waiting");
    }
    if (!files.length) return;
    panel.hidden = false;
    announce(`${counted(files.length, "file")} on the way.`);
    next();
  }
  // The numbers over the list, once nothing is on its way.
  async function recount() {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of [".lp-tabs", ".lpm-found"]) {
      const [old, now] = [document.querySelector(part), fresh.querySelector(part)];
      if (old && now) patch(old, now);
    }
  }
  function next() {
    if (asking) return;
    if (rows.some((row) => row.state === "kept") && !rows.some((row) => GOING.has(row.state))) recount();
    const busy = rows.filter((row) => row.state === "sending" || row.state === "checking").length;
    for (const row of rows.filter((each) => each.state === "waiting").slice(0, Math.max(0, AT_ONCE - busy))) start(row);
  }
  async function start(row) {
    row.stop = new AbortController();
    row.bar.value = 0;
    show(row, "sending", "Sending, 0 %");
    const progress = (part) => {
      if (row.state !== "sending") return;
      const percent = Math.floor(part * 100);
      if (part >= 1) return show(row, "checking", "Sent; it is being checked");
      row.bar.value = percent;
      row.said.textContent = `Sending, ${percent} %`;
    };
    try {
      keep(row, await sendFile(row.file, { ...ways, progress, signal: row.stop.signal }));
    } catch (error) {
      if (error.cancelled) show(row, "cancelled", "Cancelled");
      else if (error.final) show(row, "refused", error.message);
      else show(row, "failed", error.message);
      if (!error.cancelled) announce(`${row.name}: ${error.message}`);
      if (error.signedOut) {
        // Twice in a row it is something else; then it waits to be tried again by hand.
        row.signedOut = !row.askedAgain;
        row.askedAgain = true;
        if (row.signedOut) again();
      }
    }
    next();
  }
  function cancel(row) {
    if (row.state === "waiting") show(row, "cancelled", "Cancelled");
    else row.stop?.abort();
  }
  function retry(row) {
    row.askedAgain = false;
    show(row, "waiting", "Waiting");
    next();
  }

  // ---- The session ended: everything stays, and goes on afterwards ------------------------------------------------
  async function whoIsThere() {
    const said = await askUs(send, { method: "GET" }).catch((error) => {
      if (error.signedOut) return null;
      throw error;
    });
    if (said?.user === user) token.value = said.token;
    return said;
  }
  async function again() {
    if (asking) return;
    asking = true;
    // Signed in again in another window, it only needs the token that counts now.
    const there = await whoIsThere().catch(() => null);
    if (there?.user === user) return goOn();
    let dialog = document.getElementById("library-relogin");
    if (!dialog) {
      dialog = panel.querySelector("[data-relogin]").content.cloneNode(true).firstElementChild;
      dialog.id = "library-relogin";
      document.body.append(dialog);
    }
    if (await signInAgain({ dialog, address: login, user, whoIsThere })) goOn();
    else asking = false;
  }
  function goOn() {
    asking = false;
    for (const row of rows) {
      if (row.signedOut) {
        row.signedOut = false;
        show(row, "waiting", "Waiting");
      }
      if (row.unsaved) row.saveWords?.();
    }
    next();
  }

  // ---- In the library: its tile, and what it says -----------------------------------------------------------------
  function place(asset) {
    const holder = document.createElement("template");
    holder.innerHTML = asset.tile;
    const tile = holder.content.querySelector("[data-asset]");
    tile.classList.add("fresh");
    const there = document.querySelector(`[data-tiles] [data-asset="${asset.id}"]`);
    if (there) return there.replaceWith(tile);
    const tiles = document.querySelector("[data-tiles]");
    tiles.hidden = false;
    document.querySelector("[data-nothing]")?.remove();
    (tiles.querySelector("tbody") ?? tiles).prepend(tile);
  }
  function keep(row, asset) {
    const where = asset.was_there ? "It was in the library already" : "In the library";
    show(row, "kept", asset.held_back ? `${where}; the scanner looks at it before readers get it` : where);
    const page = row.element.querySelector("[data-page]");
    page.href = asset.page;
    page.hidden = false;
    page.setAttribute("aria-label", `Open ${asset.name}`);
    place(asset);
    announce(`${asset.name}: ${row.said.textContent}.`);
    if (asset.needs_words) askForWords(row, asset);
    row.file = { name: row.file.name };
  }
  function askForWords(row, asset) {
    const box = row.element.querySelector(".lpm-upwords");
    const [field, tick, said] = [box.querySelector("textarea"), box.querySelector("input"), box.querySelector(".lpm-kept")];
    field.value = asset.alt;
    tick.checked = asset.decorative;
    field.disabled = tick.checked;
    box.querySelector("label span").textContent = `Alt text: what “${asset.name}” shows`;
    box.hidden = false;
    let kept = `${asset.alt}|${asset.decorative}`;
    const tell = (sentence, wrong = false) => {
      said.textContent = sentence;
      said.classList.toggle("wrong", wrong);
    };
    row.saveWords = async () => {
      const [text, decorative] = [field.value.trim(), tick.checked];
      const now = `${text}|${decorative}`;
      if (now === kept) {
        row.unsaved = false;
        return;
      }
      const body = new FormData();
      for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token.value, alt_text: text, is_decorative: decorative ? "1" : "", view })) body.set(name, value);
      tell("Saving…");
      try {
        place(await askUs(asset.words, { body }));
        kept = now;
        row.unsaved = `${field.value.trim()}|${tick.checked}` !== kept;
        tell(["Saved.", decorative ? "" : adviceOn(text)].join(" ").trim());
      } catch (error) {
        tell(`Not saved. ${error.message}`, true);
        if (error.signedOut) again();
      }
    };
    field.addEventListener("input", () => {
      row.unsaved = true;
      tell(adviceOn(field.value));
    });
    field.addEventListener("change", row.saveWords);
    // Enter goes on to the next picture, as in a form of one line each.
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      const fields = [...list.querySelectorAll(".lpm-upwords:not([hidden]) textarea:not(:disabled)")];
      const following = fields[fields.indexOf(field) + 1];
      if (following) following.focus();
      else field.blur();
    });
    tick.addEventListener("change", () => {
      if (tick.checked) field.value = "";
      field.disabled = tick.checked;
      row.unsaved = true;
      row.saveWords();
    });
  }

  // ---- Where files come from --------------------------------------------------------------------------------------
  const veil = document.querySelector(".lpm-drophere");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth -= 1;
    if (depth <= 0) veil.hidden = true;
  });
  addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    // A folder comes as a file without a type that cannot be read; only its files would help.
    const items = [...event.dataTransfer.items].filter((item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory);
    add(items.map((item) => item.getAsFile()).filter(Boolean));
    if (!items.length) announce("A folder cannot be dropped. Open it and drop the files.");
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length && !event.target.closest("textarea, input")) add([...event.clipboardData.files]);
  });
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  document.querySelector("[data-upload-button]")?.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    input.click();
  });

  panel.querySelector("[data-cancel-all]").addEventListener("click", () => rows.filter((row) => GOING.has(row.state)).forEach(cancel));
  panel.querySelector("[data-again-all]").addEventListener("click", () => rows.filter((row) => row.state === "failed").forEach(retry));
  panel.querySelector("[data-done]").addEventListener("click", () => {
    rows.length = 0;
    list.replaceChildren();
    panel.hidden = true;
    document.querySelector("[data-upload-button]")?.focus();
  });
  addEventListener("beforeunload", (event) => {
    if (rows.some((row) => GOING.has(row.state) || row.unsaved)) event.preventDefault();
  });
}
