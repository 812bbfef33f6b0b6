// Tags as tokens over the plain field, which keeps being what is sent.
export function followTags(form) {
  const field = form.querySelector("input[data-tags]");
  if (!field) return;
  const entry = field.cloneNode();
  entry.removeAttribute("name");
  entry.removeAttribute("data-tags");
  entry.value = "";
  entry.placeholder = "Add a tag";
  field.type = "hidden";
  field.id = `${field.id}_sent`;
  const tokens = document.createElement("div");
  tokens.className = "lp-tokens";
  field.after(tokens, entry);
  const split = (text) => text.split(",").map((name) => name.trim()).filter(Boolean);
  let names = split(field.value);

  function draw() {
    field.value = names.join(", ");
    tokens.replaceChildren(
      ...names.map((name) => {
        const token = document.createElement("button");
        token.type = "button";
        token.textContent = `${name} ×`;
        token.setAttribute("aria-label", `Remove ${name}`);
        token.addEventListener("click", () => {
          names = names.filter((other) => other !== name);
          draw();
          changed();
          entry.focus();
        });
        return token;
      }),
    );
  }
  const changed = () => field.dispatchEvent(new Event("input", { bubbles: true }));
  function take() {
    const known = new Set(names.map((name) => name.toLowerCase()));
    for (const name of split(entry.value)) {
      if (!known.has(name.toLowerCase())) names.push(name);
      known.add(name.toLowerCase());
    }
    if (entry.value) changed();
    entry.value = "";
    draw();
  }
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === ",") {
      event.preventDefault();
      take();
    } else if (event.key === "Backspace" && !entry.value && names.length) {
      names.pop();
      draw();
      changed();
    }
  });
  entry.addEventListener("change", take);
  form.addEventListener("submit", take, { capture: true });
  draw();
}
