// The queue by keyboard, and each decision without a new page. Without this module the buttons send the form.
const form = document.querySelector("form[data-queue]");
const rows = form ? [...form.querySelectorAll("[data-row]")] : [];
const said = form?.querySelector("[data-said]");
let here = -1;
// Decisions the server has not answered yet.
let open = 0;

function stand(index, { scroll = true } = {}) {
  if (!rows[index]) return;
  rows[here]?.classList.remove("now");
  here = index;
  rows[here].classList.add("now");
  if (scroll) {
    rows[here].focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  }
}

const isLeft = (row) => !row.classList.contains("done");

// The next that is not decided, then one before it; with none left, what waits behind this page.
function goOn() {
  const after = rows.findIndex((row, index) => index > here && isLeft(row));
  const any = after >= 0 ? after : rows.findIndex(isLeft);
  if (any >= 0) stand(any);
  else if (!open) leave();
}

function leave() {
  const next = document.querySelector("a[data-next]");
  if (next) next.click();
  else window.location.reload();
}

async function decide(row, deed) {
  const button = row.querySelector(`button[name="${deed}"]`);
  if (!button || row.hasAttribute("aria-busy")) return;
  const chip = row.querySelector("[data-chip]");
  const before = [chip.className, chip.textContent, row.classList.contains("done")];
  const body = new FormData(form);
  body.delete("chosen");
  body.append(deed, button.value);
  row.setAttribute("aria-busy", "true");
  // Ahead of the answer; it comes back where the server says no.
  row.classList.add("done");
  open += 1;
  if (rows[here] === row) goOn();
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error);
    chip.textContent = found.status;
    chip.className = `lp-chip ${{ approve: "published", spam: "bad" }[deed] ?? "archived"}`;
    said.textContent = found.said;
    for (const place of document.querySelectorAll("[data-waiting]")) place.textContent = found.waiting;
    const box = row.querySelector('input[name="chosen"]');
    if (box) box.checked = false;
  } catch (error) {
    [chip.className, chip.textContent] = before;
    row.classList.toggle("done", before[2]);
    said.textContent = chip.textContent = error instanceof TypeError || error instanceof SyntaxError ? "Not saved; try again" : error.message;
    chip.classList.add("bad");
  }
  open -= 1;
  row.removeAttribute("aria-busy");
  if (!open && !rows.some(isLeft)) leave();
}

const KEYS = { a: "approve", r: "reject", s: "spam" };

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest('input:not([type="checkbox"]), textarea, select, dialog, [contenteditable]')) return;
  const key = event.key.toLowerCase();
  if (key === "j") stand(Math.min(here + 1, rows.length - 1));
  else if (key === "k") stand(Math.max(here - 1, 0));
  else if (key === "x") rows[here]?.querySelector('input[name="chosen"]')?.click();
  else if (key === "b") rows[here]?.querySelector("a[data-ban]")?.click();
  else if (key === "o") rows[here]?.querySelector("a[data-open]")?.click();
  else if (KEYS[key] && rows[here]) decide(rows[here], KEYS[key]);
  else return;
  event.preventDefault();
}

if (rows.length) {
  document.addEventListener("keydown", press);
  form.addEventListener("submit", (event) => {
    const row = event.submitter?.closest("[data-row]");
    if (!row || event.submitter.name === "all") return;
    event.preventDefault();
    stand(rows.indexOf(row), { scroll: false });
    decide(row, event.submitter.name);
  });
  form.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) stand(rows.indexOf(row), { scroll: false });
  });
  for (const hidden of form.querySelectorAll("[data-keys], [data-toggle]")) hidden.hidden = false;
  form.querySelector("[data-toggle] input")?.addEventListener("change", ({ target }) => {
    for (const box of form.querySelectorAll('input[name="chosen"]')) box.checked = target.checked;
  });
  stand(Math.max(0, rows.findIndex(isLeft)), { scroll: false });
}
