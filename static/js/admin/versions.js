// The timeline: the button says which two versions it compares, and the two are never one.
const form = document.querySelector(".lp-vlist");

if (form) {
  const button = form.querySelector("button[type=submit]");
  const chosen = (name) => form.querySelector(`input[name=${name}]:checked`)?.value;
  const tell = () => {
    const [from, to] = [chosen("from"), chosen("to")];
    button.textContent = from && to ? `Compare ${from} with ${to}` : "Compare";
    button.disabled = from !== undefined && from === to;
  };
  form.addEventListener("change", tell);
  tell();
}
