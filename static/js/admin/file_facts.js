// What a chosen file is called and how large it is, as the library says it of those it has (`in_bytes` there).
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

// Without the marks that turn the direction of writing: with them “gpj.exe” reads as “exe.jpg”.
export const nameOf = (file) => file.name.replace(TURNS, "");

export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} byte${bytes === 1 ? "" : "s"}`;
  for (const [unit, of] of [["kB", 1e3], ["MB", 1e6], ["GB", 1e9]]) {
    if (bytes < of * 999.5) return `${(bytes / of).toFixed(unit !== "kB" && bytes < of * 99.5 ? 1 : 0)} ${unit}`;
  }
  return `${(bytes / 1e12).toFixed(1)} TB`;
}
