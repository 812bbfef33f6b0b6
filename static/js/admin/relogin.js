// The session ended while somebody was writing: sign in again in a dialog, on the site's own log-in address.
const WRONG = "The server does not answer; try again in a moment.";

async function freshToken(address) {
  const answer = await fetch(address, { headers: { "X-Requested-With": "XMLHttpRequest" } });
  const { html = "" } = await answer.json();
  // Only read, never shown.
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[name=csrfmiddlewaretoken]")?.value;
}

function inWords(answer, told) {
  if (answer.status === 429) {
    const minutes = Math.ceil(Number(answer.headers.get("Retry-After") || 300) / 60);
    return `Too many wrong passwords. Try again in ${minutes} ${minutes === 1 ? "minute" : "minutes"}; your words stay here.`;
  }
  const fields = Object.values(told?.form?.fields ?? {}).flatMap((field) => field.errors);
  return [...(told?.form?.errors ?? []), ...fields][0] ?? WRONG;
}

// `dialog` is the dialog's element, `address` the log-in page. `whoIsThere()` answers { user, name, token } or null.
// Resolves to true once the person `user` is signed in and every form of the page has a token that counts; to false when
// they would rather not now.
export function signInAgain({ dialog, address, user, whoIsThere }) {
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector("[role=alert]");
  const button = form.querySelector("[type=submit]");
  const say = (sentence) => {
    wrong.textContent = sentence;
    wrong.hidden = !sentence;
  };

  async function attempt() {
    const token = await freshToken(address);
    if (token) {
      const data = new FormData(form);
      data.set("csrfmiddlewaretoken", token);
      const answer = await fetch(address, {
        method: "POST",
        body: data,
        headers: { "X-Requested-With": "XMLHttpRequest" },
      });
      if (!answer.ok) {
        const told = await answer.json().catch(() => null);
        return say(inWords(answer, told));
      }
    }
    const there = await whoIsThere();
    if (there === null) return say("This account may not write here. Sign in as the one this text belongs to.");
    if (there.user !== user) {
      return say(`Now ${there.name} is signed in, but this text belongs to somebody else. Sign out in another window, then sign in here.`);
    }
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = there.token;
    dialog.returnValue = "signed in";
    dialog.close("signed in");
  }

  async function submit(event) {
    event.preventDefault();
    say("");
    button.disabled = true;
    try {
      await attempt();
    } catch {
      say(WRONG);
    }
    button.disabled = false;
  }

  return new Promise((resolve) => {
    const listening = new AbortController();
    const { signal } = listening;
    form.addEventListener("submit", submit, { signal });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close(""), { signal });
    dialog.addEventListener(
      "close",
      () => {
        listening.abort();
        form.elements.password.value = "";
        say("");
        resolve(dialog.returnValue === "signed in");
      },
      { signal },
    );
    dialog.returnValue = "";
    dialog.showModal();
    form.elements.password.focus();
  });
}
