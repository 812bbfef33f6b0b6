// A file of the library as the text has it: a picture with its words, sound and film as players, anything else as a link.
const escaped = (words) => words.replace(/\s+/g, " ").replace(/[\\[\]]/g, "\\$&");

export function markdownOf({ asset, alt, caption = "", width = "" }) {
  if (asset.kind === "audio") return `<audio src="${asset.url}"></audio>`;
  if (asset.kind === "video") return `<video src="${asset.url}" preload="metadata"></video>`;
  if (asset.kind !== "image") return `[${escaped(asset.name)}](${asset.url})`;
  const title = caption ? ` "${caption.replace(/\s+/g, " ").replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"` : "";
  return `![${escaped(alt)}](${asset.url}${title})${width ? `{.${width}}` : ""}`;
}
