// Follows at once; what the server refuses is taken back, on all buttons of it.
const asked = new Set();

function show(what, follows) {
  for (const button of document.querySelectorAll("button[data-follow]")) {
    if (button.value !== what) continue;
    button.name = follows ? "stop" : "what";
    const [begin, stop] = button.children;
    begin.hidden = follows;
    stop.hidden = !follows;
  }
}

document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-follow]")) return;
  event.preventDefault();
  const what = button.value, follows = button.name === "stop";
  if (asked.has(what)) return;
  asked.add(what);
  const body = new FormData(event.target, button);
  show(what, !follows);
  try {
    const answer = await fetch(event.target.action, { method: "POST", body, headers: { accept: "application/json" } });
    // Signed out meanwhile: the page as it is now says so.
    if (answer.status === 403) location.reload();
    if (!answer.ok) throw new Error(answer.statusText);
  } catch {
    show(what, follows);
  } finally {
    asked.delete(what);
  }
});
