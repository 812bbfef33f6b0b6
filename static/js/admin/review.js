// Submitting asks for a word to the reviewer first; news about this post are said in its panel.
// Without this module the same fields stand in the panel.
export function followReview(form) {
  const panel = document.getElementById("review");
  if (!panel) return;
  const fields = panel.querySelector(".lp-ask-review");
  if (fields) askBeforeSubmitting(form, fields);
  document.addEventListener("lp:notice", ({ detail }) => {
    if (detail.url !== window.location.pathname) return;
    const news = panel.querySelector(".lp-news");
    news.querySelector("span").textContent = detail.text;
    news.querySelector("a").href = window.location.pathname;
    news.hidden = false;
    panel.open = true;
  });
}

function askBeforeSubmitting(form, fields) {
  const place = fields.parentElement;
  const after = fields.nextSibling;
  const dialog = document.createElement("dialog");
  dialog.className = "lp-dialog";
  dialog.setAttribute("aria-labelledby", "ask-review-title");
  const title = document.createElement("h2");
  title.id = "ask-review-title";
  title.textContent = "Submit for review";
  const cancel = document.createElement("button");
  cancel.type = "button";
  cancel.className = "lp-b small";
  cancel.textContent = "Cancel";
  dialog.append(title);
  // Inside the form: what is written in the dialog is sent with the text.
  form.append(dialog);

  form.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="_step"][value="submit"]');
    if (!button || "here" in button.dataset || !form.reportValidity()) return;
    event.preventDefault();
    dialog.append(fields);
    fields.querySelector(".lp-row").append(cancel);
    dialog.showModal();
    fields.querySelector("textarea").focus();
  });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    cancel.remove();
    place.insertBefore(fields, after);
  });
}
