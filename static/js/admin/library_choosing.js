// Choosing files: all of the page at once, a row of them with Shift, and how many they are.
export function followChoosing(form) {
  const said = form.querySelector(".lpm-chosen");
  const all = form.querySelector("[data-all]");
  if (!said || !all) return;
  const whole = all.querySelector("input");
  const boxes = () => [...form.querySelectorAll("input.lpm-choice")];
  let last = null;

  function count() {
    const each = boxes();
    const chosen = each.filter((box) => box.checked).length;
    said.textContent = chosen ? `${chosen} of ${each.length} on this page chosen` : "";
    whole.checked = chosen > 0 && chosen === each.length;
    whole.indeterminate = chosen > 0 && chosen < each.length;
  }
  whole.addEventListener("change", () => {
    for (const box of boxes()) box.checked = whole.checked;
    count();
  });
  form.addEventListener("click", (event) => {
    if (!event.target.matches("input.lpm-choice")) return;
    const each = boxes();
    const [from, to] = [each.indexOf(last), each.indexOf(event.target)].sort((one, two) => one - two);
    if (event.shiftKey && from >= 0) for (const box of each.slice(from, to)) box.checked = event.target.checked;
    last = event.target;
    count();
  });
  // Going back in the browser brings the ticks back without a click.
  addEventListener("pageshow", count);
  all.hidden = false;
  count();
}
