// Comparing: another choice is shown at once, and the changes are walked through by buttons or by J and K.
const bar = document.querySelector(".lp-cmpbar");
for (const radio of bar.querySelectorAll("[name=view]")) radio.addEventListener("change", () => bar.requestSubmit());

const changes = [...document.querySelectorAll("[data-change]")];
let here = -1;

function go(step) {
  changes[here]?.classList.remove("here");
  here = Math.min(changes.length - 1, Math.max(0, here + step));
  changes[here].classList.add("here");
  changes[here].setAttribute("tabindex", "-1");
  changes[here].focus({ preventScroll: true });
  changes[here].scrollIntoView({ block: "center" });
}

if (changes.length > 1) {
  const steps = document.createElement("div");
  steps.className = "lp-step";
  steps.setAttribute("role", "group");
  steps.setAttribute("aria-label", "Changes");
  for (const [label, step, key] of [["Previous change", -1, "k"], ["Next change", 1, "j"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lp-b small";
    button.textContent = label;
    button.setAttribute("aria-keyshortcuts", key.toUpperCase());
    button.addEventListener("click", () => go(step));
    steps.append(button);
  }
  document.querySelector(".lp-sum").after(steps);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "j") go(1);
    else if (event.key === "k") go(-1);
  });
}
