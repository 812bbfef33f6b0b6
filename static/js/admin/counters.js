// How long things are: words and minutes in the bar, title and summary beside the summary.
const CJK = "\\u3005\\u3007\\u3041-\\u309f\\u30a0-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff66-\\uff9f\\u{20000}-\\u{3ffff}";
const WORD = new RegExp(`[${CJK}]|(?:(?![${CJK}])[\\p{L}\\p{N}])(?:(?:(?![${CJK}])[\\p{L}\\p{N}\\p{M}_])|['’.\\-](?=[\\p{L}\\p{N}]))*`, "gu");
const WIDE = new RegExp(`[${CJK}\\uac00-\\ud7af]`, "gu");
const WORDS_PER_MINUTE = 240;
// What search results show of a title and a summary, in characters; wide ones take the room of two.
const SHOWN = { title: 60, excerpt: 160 };
const PAUSE = 200;

// A guess until the server has counted: the marks of Markdown are no words, nor are addresses.
export function countWords(text) {
  const words = text
    .replace(/^ {0,3}(`{3,}|~{3,}).*$/gm, "")
    .replace(/\]\([^)\s]*\)/g, "]")
    .replace(/\[\^[^\]\s]+\]:?/g, "")
    .replace(/<[^>\n]*>/g, "")
    .replace(/^\s*\d+[.)] /gm, "")
    .match(WORD);
  return words ? words.length : 0;
}

const figure = (number) => number.toLocaleString("en-GB");

function roomOf(text) {
  const characters = [...text.trim()].length;
  return { characters, room: characters + (text.match(WIDE)?.length ?? 0) };
}

export function followCounts(page, form) {
  const { title, excerpt, content_markdown: field } = form.elements;
  const bar = form.querySelector(".lp-words");
  const line = document.createElement("p");
  line.className = "lp-lengths";
  excerpt.after(line);

  const part = (name, text, most) => {
    const { characters, room } = roomOf(text);
    const item = document.createElement("span");
    item.classList.toggle("over", room > most);
    item.textContent = `${name} ${figure(characters)}${room > most ? `, cut in search results at about ${figure(Math.floor((most * characters) / room))}` : ` of ${figure(room > characters ? Math.floor((most * characters) / room) : most)}`}`;
    return item;
  };
  const lengths = () => {
    line.replaceChildren(part("Title", title.value, SHOWN.title), part("Summary", excerpt.value, SHOWN.excerpt), "characters");
  };
  const say = (words, minutes) => {
    bar.textContent = `${figure(words)} ${words === 1 ? "word" : "words"} · ${figure(minutes)} min`;
  };
  let timer = null;
  const guess = () => {
    const words = countWords(field.value);
    say(words, Math.max(1, Math.ceil(words / WORDS_PER_MINUTE)));
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(guess, PAUSE);
  });
  form.addEventListener("lp:rendered", (event) => {
    clearTimeout(timer);
    say(event.detail.words, event.detail.minutes);
  });
  for (const each of [title, excerpt]) each.addEventListener("input", lengths);
  lengths();
}
