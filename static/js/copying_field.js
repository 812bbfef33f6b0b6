// A button that copies what a field says, and selects it where that is not allowed.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy-field]") : []) {
  const field = document.getElementById(button.dataset.copyField), label = button.querySelector("span");
  const before = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    const isCopied = await navigator.clipboard.writeText(field.value).then(() => true, () => false);
    label.textContent = isCopied ? button.dataset.copied : button.dataset.notCopied;
    setTimeout(() => { label.textContent = before; }, 2000);
  });
}
