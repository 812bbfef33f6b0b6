// Copy buttons on code, and links that copy their address. Where copying is not allowed the link stays a link.
const SHOWN_FOR = 2000;
const words = document.body.dataset;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function confirm(label, text) {
  // Also when it is asked for again while it says so.
  const before = label.said ??= label.textContent;
  label.textContent = text;
  setTimeout(() => { label.textContent = before; }, SHOWN_FOR);
}

if (navigator.clipboard) {
  for (const link of document.querySelectorAll("[data-copy-link]")) {
    const label = link.querySelector("span");
    label.textContent = link.dataset.copyLink;
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      if (await copy(link.href)) confirm(label, link.dataset.copied ?? words.copied);
      else location.assign(link.href);
    });
  }

  for (const block of document.querySelectorAll(".prose .code")) {
    let caption = block.querySelector(".cap");
    if (!caption) {
      caption = document.createElement("div");
      caption.className = "cap";
      caption.append(document.createElement("span"));
      block.prepend(caption);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn quiet small";
    button.textContent = words.copy;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const copied = await copy(block.querySelector("pre").textContent.replace(/\n$/, ""));
      confirm(button, copied ? words.copied : words.notAllowed);
    });
    caption.append(button);
  }
}
