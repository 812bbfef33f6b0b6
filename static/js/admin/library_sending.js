// One file on its way to the library: through this site, or straight into the store where that is quicker. What goes wrong
// is an error with a sentence; `signedOut` and `final` (trying again would not help) say more about it.
const SIGNED_OUT = "Your session has ended. Sign in again, and it goes on.";
// What says that it is busy is asked again, so often and up to so many seconds later.
const ATTEMPTS = 60;
const SOON = 10;
const AWAY = "The library cannot be reached. Try it again in a moment.";

function failure(sentence, facts = {}) {
  return Object.assign(new Error(sentence), facts);
}

// The answer of a request as { status, said }; `said` is null when it is no JSON.
function ask(method, address, { body = null, headers = {}, progress = null, signal = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (progress) {
      request.upload.addEventListener("progress", (event) => event.total && progress(event.loaded / event.total));
      request.upload.addEventListener("load", () => progress(1));
    }
    request.addEventListener("load", () => {
      let said = null;
      try {
        said = JSON.parse(request.responseText);
      } catch {
        // A page, not an answer: it is judged by its status and where it came from.
      }
      const again = Number(request.getResponseHeader("Retry-After"));
      resolve({ status: request.status, said, from: request.responseURL, again });
    });
    request.addEventListener("error", () => reject(failure(AWAY)));
    request.addEventListener("abort", () => reject(failure("Cancelled.", { cancelled: true })));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

const pause = (seconds, signal) =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(failure("Cancelled.", { cancelled: true }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, 1000 * seconds);
    signal?.addEventListener("abort", stop, { once: true });
  });

// As `ask`, of somebody who may be busy with other files: 503 or 429, and after how many seconds to come again.
async function askPatiently(method, address, options = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask(method, address, options);
    const isBusy = [429, 503].includes(answer.status) && answer.again > 0 && answer.again <= SOON;
    if (!isBusy || attempt === ATTEMPTS) return answer;
    // The longer it lasts, the more seldom: the file goes up again each time.
    await pause(Math.min(SOON, answer.again * attempt), options.signal);
  }
}

// Our own pages, which lead to the log-in page once the session has ended.
export async function askUs(address, options = {}) {
  const method = options.method ?? "POST";
  const headers = { Accept: "application/json", ...options.headers };
  const answer = await askPatiently(method, address, { ...options, headers });
  // The log-in page answers in JSON as well.
  const ledAway = new URL(answer.from).pathname !== new URL(address, location.href).pathname;
  if (answer.status === 401 || ledAway || (answer.status === 403 && !answer.said)) throw failure(SIGNED_OUT, { signedOut: true });
  if (answer.status < 400 && answer.said) return answer.said;
  const sentence = answer.said?.error ?? answer.said?.detail;
  const final = Boolean(sentence) && answer.status >= 400 && answer.status < 500 && ![409, 429].includes(answer.status);
  throw failure(typeof sentence === "string" ? sentence : "The library did not take it. Try it again in a moment.", { final });
}

const formOf = (fields) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
};

function throughUs(file, { send, view, token, progress, signal }) {
  const body = formOf({ csrfmiddlewaretoken: token(), view });
  body.append("file", file, file.name);
  return askUs(send, { body, progress, signal });
}

async function straight(file, { direct, send, view, token, progress, signal }) {
  const headers = () => ({ "Content-Type": "application/json", "X-CSRFToken": token() });
  const body = JSON.stringify({ name: file.name, type: file.type, size: file.size });
  const ticket = await askUs(direct, { body, headers: headers(), signal });
  const fields = formOf(ticket.upload.fields ?? {});
  // What a store reads before the file counts, what comes after it does not.
  fields.append("file", file, file.name);
  const stored = await askPatiently(ticket.upload.method ?? "POST", ticket.upload.url, { body: fields, progress, signal });
  if (stored.status >= 400) throw failure("The store did not take it. Try it again in a moment.");
  const asset = await askUs(`${direct}${ticket.id}/complete/`, { body: "{}", headers: headers(), signal });
  const told = await askUs(send, { body: formOf({ csrfmiddlewaretoken: token(), view, asset: asset.id }), signal });
  return { ...told, was_there: asset.was_there };
}

// `ways`: where to (`send`, `direct`) and from which size on directly (`directFrom`).
export function sendFile(file, ways) {
  const large = ways.direct && file.size >= ways.directFrom;
  return large ? straight(file, ways) : throughUs(file, ways);
}
