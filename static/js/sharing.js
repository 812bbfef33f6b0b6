// Asks the device to share where it can, and counts what was shared: which way, and nothing about who it was.
const bar = document.getElementById("share");
const tell = (channel) => bar.dataset.count && navigator.sendBeacon(bar.dataset.count, new URLSearchParams({ channel }));

async function ask() {
  try {
    await navigator.share({ title: document.querySelector("h1").textContent, url: bar.querySelector("[data-copy-link]").href });
    tell("device");
  } catch {
    // The reader thought better of it.
  }
}

if (bar) {
  bar.addEventListener("click", (event) => {
    const channel = event.target.closest("a[data-channel]")?.dataset.channel;
    if (channel) tell(channel);
  });
  if (navigator.share) {
    const button = bar.querySelector("[data-channel=device]");
    button.hidden = false;
    button.addEventListener("click", ask);
    document.querySelector(".by a[href='#share']")?.addEventListener("click", (event) => {
      event.preventDefault();
      ask();
    });
  }
}
