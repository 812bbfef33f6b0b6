// Turns the link of a video into its player once the reader asks for it; nothing is fetched from its host before.
const PLAYERS = {
  youtube: (id) => `https://www.youtube-nocookie.com/embed/${id}?autoplay=1`,
  vimeo: (id) => `https://player.vimeo.com/video/${id}?autoplay=1&dnt=1`,
  dailymotion: (id) => `https://geo.dailymotion.com/player.html?video=${id}`,
};

for (const figure of document.querySelectorAll("figure.embed[data-embed][data-id]")) {
  const player = PLAYERS[figure.dataset.embed];
  const link = figure.querySelector("a");
  if (!player || !link) continue;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.src = player(encodeURIComponent(figure.dataset.id));
    frame.title = link.textContent;
    frame.allow = "autoplay; fullscreen; picture-in-picture";
    frame.allowFullscreen = true;
    frame.referrerPolicy = "strict-origin-when-cross-origin";
    link.replaceWith(frame);
    frame.focus();
  });
}
