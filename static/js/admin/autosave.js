// What is typed is kept: in the browser at once, on the server three seconds after the last key and every five seconds
// while keys are pressed. The browser's copy goes once the server's database has the text.
import { claim, drop, handOver, newKey, put, showOffers } from "./recover.js";
import { signInAgain } from "./relogin.js";

const PAUSE = 3000;
const LONGEST = 5000;
const NOTE = 500;
const PATIENCE = 10_000;
const AGAIN = 5000;
const WRITTEN = 4000;
const LOOK = 60_000;
const FRESH = 20_000;
// What a browser still sends for a page that is being left.
const LAST_WORDS = 60_000;

const KEEPING = "Keeping your words…";
const AWAY = "the server does not answer";
const SIGNED_OUT = "your session has ended";
const GONE = "the post is not there any more";

export function keepWords(form) {
  const place = form.querySelector("[data-autosave]");
  if (!place) return null;
  const { autosave: address, login, of } = place.dataset;
  const user = Number(place.dataset.user);
  const known = new Set(place.dataset.fields.split(" "));
  const keyField = form.elements.autosave_key;
  const token = () => form.elements.csrfmiddlewaretoken.value;

  let sequence = Number(place.dataset.sequence);
  let sending = null;
  let trouble = "";
  let reason = "";
  let inBrowser = true;
  let leaving = false;
  let answeredAt = Date.now();
  let unwritten = 0;
  let pause = 0;
  let longest = 0;
  let noting = 0;

  const read = () => {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (!known.has(name) || typeof value !== "string") continue;
      if (name in fields) fields[name] = [fields[name], value].flat();
      else fields[name] = value;
    }
    return fields;
  };
  const now = () => JSON.stringify(read());
  // What the server sent, also when the browser has put back what was typed before the page was left.
  const original = () => {
    const fields = {};
    const add = (name, value) => {
      fields[name] = name in fields ? [fields[name], value].flat() : value;
    };
    for (const field of form.elements) {
      if (!known.has(field.name) || field.disabled || field.type === "file") continue;
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.defaultChecked) add(field.name, field.value);
      } else if (field.options) {
        const chosen = [...field.options].filter((option) => option.defaultSelected);
        if (chosen.length === 0 && !field.multiple && field.options.length > 0) chosen.push(field.options[0]);
        for (const option of chosen) add(field.name, option.value);
      } else add(field.name, field.defaultValue);
    }
    return JSON.stringify(fields);
  };
  const refusedForm = form.querySelector(".errorlist, .errornote") !== null;
  // A form that came back with errors, and one filled with an unsaved text, differ from what the post says.
  const saved = refusedForm || "recovered" in place.dataset ? null : original();
  let kept = "recovered" in place.dataset ? original() : null;
  const isKept = (text) => text === kept || (kept === null && text === saved);

  // --- what the page says of it -------------------------------------------------------------------------------------
  const shown = document.createElement("span");
  shown.className = "lp-kept";
  const heard = document.createElement("span");
  heard.className = "visually-hidden";
  heard.setAttribute("role", "status");
  const back = document.createElement("button");
  back.type = "button";
  back.className = "lp-q";
  back.textContent = "Sign in again";
  back.hidden = true;
  back.addEventListener("click", () => again());
  document.querySelector(".lp-save .lp-state")?.append(shown, back, heard);

  // Aloud only when something turns bad, or good again; "kept" every few seconds would drown everything else.
  const say = (sentence, { wrong = "" } = {}) => {
    shown.classList.toggle("wrong", wrong !== "");
    if (wrong !== trouble || (wrong && sentence !== shown.textContent)) heard.textContent = sentence;
    shown.textContent = sentence;
    trouble = wrong;
    back.hidden = wrong !== "signed out";
  };

  // Why the server does not have it, and where it is meanwhile.
  const complain = (why, wrong) => {
    reason = why;
    const where = inBrowser ? "Kept in this browser only" : "Not kept anywhere: copy your text";
    say(isKept(now()) ? why[0].toUpperCase() + why.slice(1) : `${where}; ${why}`, { wrong });
  };
  const hold = (entry) => {
    const before = inBrowser;
    inBrowser = put(user, entry);
    if (trouble && before !== inBrowser) complain(reason, trouble);
  };

  // The post went from one state to another under this page; null when it is what the page shows.
  function tellOfMove(moved) {
    const told = place.querySelector(".lp-moved");
    if (leaving || !told) return;
    const state = moved?.state ?? place.dataset.state;
    if (!moved || state === place.dataset.state) {
      if (told.hidden) return;
      told.hidden = true;
    } else if (told.dataset.said !== moved.sentence || told.hidden) {
      told.dataset.said = moved.sentence;
      const link = document.createElement("a");
      link.href = window.location.href;
      link.className = "lp-q";
      link.textContent = "Load the page again";
      told.replaceChildren(`${moved.sentence} `, link);
      told.hidden = false;
    }
    for (const chip of document.querySelectorAll(".lp-save .lp-chip, .lp-status > summary .lp-chip")) {
      chip.dataset.began ??= chip.textContent;
      chip.className = `lp-chip ${state === "trashed" ? "bad" : state}`;
      chip.textContent = moved?.label ?? chip.dataset.began;
    }
  }

  function tellOfNewer(newest) {
    if (!newest) return;
    const told = place.querySelector(".lp-newer");
    if (told.dataset.number === String(newest.number)) return;
    // Who shows it elsewhere, such as beside who else is here, keeps it from being shown twice.
    if (!document.dispatchEvent(new CustomEvent("letterpress:newer", { detail: newest, cancelable: true }))) return;
    told.dataset.number = newest.number;
    const link = document.createElement("a");
    link.href = newest.address;
    link.target = "_blank";
    link.rel = "noopener";
    link.className = "lp-q";
    link.textContent = "Look at it";
    told.replaceChildren(`${newest.by || "The clock"} saved version ${newest.number} at ${newest.clock}. Yours is not lost when you save. `, link);
    told.hidden = false;
  }

  // --- asking the server --------------------------------------------------------------------------------------------
  // { status, said }: status 0 for no answer, 401 for a session that has ended.
  async function ask(path, options = {}) {
    let answer;
    try {
      answer = await fetch(path, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE), ...options });
      if (answer.type === "opaqueredirect") return { status: 401, said: {} };
      const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
      answeredAt = Date.now();
      if (answer.status >= 500) return { status: 0, said: {} };
      if (isJson) return { status: answer.status, said: await answer.json() };
      return { status: answer.status === 403 ? 498 : answer.status, said: {} };
    } catch {
      return { status: 0, said: {} };
    }
  }
  const tell = (key) => ask(`${address}?key=${encodeURIComponent(key)}&base=${form.elements.base_version?.value ?? ""}&state=${place.dataset.state ?? ""}`);
  const post = (entry, options = {}) =>
    ask(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: JSON.stringify({ user, key: entry.key, sequence: entry.sequence, base_version: entry.base_version, state: place.dataset.state, fields: entry.fields }),
      ...options,
    });
  const whoIsThere = async () => {
    const { status, said } = await tell(keyField.value);
    if (status === 0) throw new Error("away");
    return said.user ? said : null;
  };
  // The token of the form has expired (a log-in in another window renews it): fetch another, for the same person only.
  async function renewToken() {
    const { status, said } = await tell(keyField.value);
    if (said.user && said.user !== user) return 409;
    if (said.token) for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = said.token;
    return status;
  }

  const entryOf = (text, number) => {
    const base = Number.parseInt(form.elements.base_version?.value ?? "", 10);
    return { key: keyField.value, of, sequence: number, base_version: Number.isNaN(base) ? null : base, fields: JSON.parse(text) };
  };

  // --- keeping ------------------------------------------------------------------------------------------------------
  function note() {
    clearTimeout(noting);
    noting = 0;
    const text = now();
    if (!leaving && !isKept(text)) hold( entryOf(text, sequence + 1));
  }

  async function send() {
    clearTimeout(pause);
    clearTimeout(longest);
    pause = longest = 0;
    const text = now();
    if (isKept(text)) {
      if (!trouble && kept === null) say("");
      return 200;
    }
    sequence += 1;
    const entry = entryOf(text, sequence);
    hold(entry);
    if (!trouble) say(KEEPING);
    let { status, said } = await post(entry);
    if (status === 498 && (status = await renewToken()) === 200) ({ status, said } = await post(entry));
    if (status === 200 && !said.kept) {
      // Another window of this person writes there; neither may overwrite the other.
      drop(user, keyField.value);
      keyField.value = newKey(of);
      claim(user, keyField.value);
      sequence = 1;
      const again = { ...entry, key: keyField.value, sequence };
      hold(again);
      ({ status, said } = await post(again));
    }
    if (status === 200) {
      kept = text;
      unwritten = said.in_database ? 0 : sequence;
      if (said.in_database && isKept(now())) drop(user, keyField.value);
      else setTimeout(look, WRITTEN);
      say(`Kept ${said.clock}`);
      tellOfNewer(said.newest);
      tellOfMove(said.moved);
    } else await meet(status, said);
    if (!isKept(now())) soon();
    return status;
  }

  const run = () => (sending ??= send().finally(() => (sending = null)));

  async function meet(status, said) {
    if (status === 0) {
      complain(AWAY, "away");
      clearTimeout(longest);
      longest = setTimeout(run, AGAIN);
    } else if (status === 401 || status === 498) {
      const first = trouble !== "signed out";
      complain(SIGNED_OUT, "signed out");
      if (first) again();
    } else if (status === 409) {
      complain(`${said.name ?? "somebody else"} is signed in here now`, "signed out");
    } else if (status === 410) {
      const first = trouble !== "gone";
      complain(GONE, "gone");
      if (first) offerAnother(said.error);
    } else complain(said.error ?? "the server does not take it", "refused");
  }

  function soon() {
    if (trouble === "gone" || trouble === "signed out") return;
    clearTimeout(pause);
    pause = setTimeout(run, PAUSE);
    longest ||= setTimeout(run, LONGEST);
  }

  function typed() {
    if (leaving) return;
    noting ||= setTimeout(note, NOTE);
    soon();
  }

  // Whether what was kept has reached the database, whether the session lives, whether somebody saved meanwhile.
  async function look() {
    if (leaving || sending) return;
    const { status, said } = await tell(keyField.value);
    if (status !== 200) {
      if (status !== 0 || !isKept(now())) await meet(status, said);
      return;
    }
    if (said.user !== user) return void (await meet(409, said));
    if (trouble === "away" || trouble === "signed out") {
      say("");
      run();
    }
    tellOfNewer(said.newest);
    tellOfMove(said.moved);
    if (unwritten === 0 || sequence !== unwritten) return;
    if (said.sequence_in_database >= unwritten) {
      unwritten = 0;
      if (isKept(now())) drop(user, keyField.value);
    } else if (said.sequence < unwritten) {
      // The server has lost it since.
      kept = "";
      run();
    } else setTimeout(look, WRITTEN);
  }

  // --- dialogs ------------------------------------------------------------------------------------------------------
  const dialogs = {};
  const dialogOf = (name) => {
    if (!dialogs[name]) {
      const template = place.querySelector(`template[data-dialog=${name}]`);
      dialogs[name] = document.importNode(template.content, true).querySelector("dialog");
      document.body.append(dialogs[name]);
    }
    return dialogs[name];
  };

  let asking = null;
  function again() {
    asking ??= signInAgain({ dialog: dialogOf("relogin"), address: login, user, whoIsThere }).then(async (signedIn) => {
      asking = null;
      if (signedIn) {
        say("");
        document.dispatchEvent(new CustomEvent("letterpress:signed-in"));
        await run();
      }
      return signedIn;
    });
    return asking;
  }

  let gone = "";
  function offerAnother(sentence = gone) {
    gone = sentence;
    const dialog = dialogOf("gone");
    const told = dialog.querySelector("[role=status]");
    dialog.querySelector("[data-said]").textContent = sentence;
    dialog.querySelector("[data-close]").onclick = () => dialog.close();
    dialog.querySelector("[data-copy]").onclick = async () => {
      const { title = "", content_markdown: text = "" } = read();
      try {
        await navigator.clipboard.writeText(`${title}\n\n${text}`);
        told.textContent = "The title and the text are on the clipboard.";
      } catch {
        told.textContent = "The browser does not let the page copy. Select the text and copy it by hand.";
      }
    };
    dialog.querySelector("[data-new]").onclick = async () => {
      const entry = { ...entryOf(now(), 1), key: newKey("new"), of: "new", base_version: null };
      put(user, entry);
      const { status, said } = await post(entry);
      if (status !== 200) {
        told.textContent = said.error ?? "The server does not answer; the text stays here.";
        return;
      }
      drop(user, keyField.value);
      leaving = true;
      window.location.assign(`${place.dataset.unsaved}${encodeURIComponent(entry.key)}/write/`);
    };
    if (!dialog.open) dialog.showModal();
  }

  // --- saving -------------------------------------------------------------------------------------------------------
  // The text first, so that nothing that may become of the save (a session that ended, a server that went away, somebody
  // else's newer version) finds it unkept; when the last answer is old, at least the question whether anybody is there.
  let certain = false;
  let checking = false;
  async function makeCertain() {
    if (sending) await sending;
    if (!isKept(now())) return run();
    const { status, said } = await tell(keyField.value);
    const other = status === 200 && said.user !== user ? 409 : status;
    if (said.user === user) form.elements.csrfmiddlewaretoken.value = said.token;
    if (other !== 200 && other !== 401 && other !== 498) await meet(other, said);
    return other;
  }

  form.addEventListener("submit", async (event) => {
    if (certain || (!trouble && !sending && isKept(now()) && Date.now() - answeredAt < FRESH)) {
      leaving = true;
      if (unwritten) put(user, { ...entryOf(now(), sequence), submitted: true });
      setTimeout(() => {
        if (event.defaultPrevented) leaving = false;
      });
      return;
    }
    event.preventDefault();
    if (checking) return;
    checking = true;
    const { submitter } = event;
    let status = await makeCertain();
    if (status === 401 || status === 498) status = (await again()) ? 200 : 401;
    checking = false;
    if (status === 401) complain(SIGNED_OUT, "signed out");
    else if (status === 410) offerAnother();
    else if (status !== 0 && status !== 409) {
      // Pressing the button once more sends what it would have sent.
      certain = true;
      form.requestSubmit(submitter);
      certain = false;
    }
  });

  // --- beginning and leaving ----------------------------------------------------------------------------------------
  for (const kind of ["input", "change"]) form.addEventListener(kind, typed);
  // Some widgets change their field without an event.
  setInterval(() => isKept(now()) || pause || typed(), LONGEST);
  setInterval(() => document.visibilityState === "visible" && look(), LOOK);
  document.addEventListener("visibilitychange", () => {
    if (leaving) return;
    if (document.visibilityState === "visible") look();
    else if (!isKept(now())) run();
  });
  document.addEventListener("letterpress:moved", ({ detail }) => tellOfMove(detail));
  // The door of the neighbours was shut for good: the post is gone, the session or the right to write.
  document.addEventListener("letterpress:shut-out", look);
  // Another part of the page found nobody signed in. A log-in elsewhere may only have changed the token.
  document.addEventListener("letterpress:signed-out", async () => {
    const status = await renewToken();
    if (status !== 401 && status !== 498) return;
    complain(SIGNED_OUT, "signed out");
    again();
  });
  window.addEventListener("online", () => trouble === "away" && run());
  window.addEventListener("pagehide", () => {
    const text = now();
    if (leaving || isKept(text)) return;
    const entry = entryOf(text, sequence + 1);
    put(user, entry);
    sequence += 1;
    const size = new Blob([text]).size;
    if (size < LAST_WORDS) post(entry, { keepalive: true, signal: undefined });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) leaving = false;
  });

  claim(user, keyField.value);
  if (saved === null && kept === null) soon();
  handOver({ user, but: keyField.value, send: post, ask: tell }).then((handed) => {
    if (handed.has(of) || handed.has(Number(of))) showOffers(place, of);
  });

  return {
    // Whether leaving now loses nothing: all is saved, or the server has confirmed it.
    isSafe: () => leaving || isKept(now()),
    // Send what is not kept yet; resolves once the server has answered.
    flush: run,
  };
}
