// The merge page: what is left to choose, and no leaving by accident. All of it works without this.
const form = document.querySelector("[data-merge]");
const left = form.querySelector(".lp-left");
const places = [...form.querySelectorAll(".lp-conflict")];
let leaving = false;

function count() {
  const open = places.filter((place) => !place.querySelector("input[type=radio]:checked"));
  for (const place of places) if (!open.includes(place)) place.classList.remove("lp-undecided");
  if (places.length) left.textContent = open.length ? `${open.length} of ${places.length} still to choose` : "All chosen";
  return open;
}

form.addEventListener("change", count);
// Whoever writes into a place has chosen it.
form.addEventListener("input", (event) => {
  const place = event.target.closest("textarea") && event.target.closest(".lp-conflict");
  const byHand = place?.querySelector("input[value=hand]");
  if (byHand && !byHand.checked) {
    byHand.checked = true;
    count();
  }
});
form.addEventListener("submit", (event) => {
  const open = count();
  if (open.length === 0) {
    leaving = true;
    return;
  }
  event.preventDefault();
  for (const place of open) place.classList.add("lp-undecided");
  open[0].querySelector("input[type=radio]").focus();
  open[0].scrollIntoView({ block: "center" });
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving) event.preventDefault();
});
count();
