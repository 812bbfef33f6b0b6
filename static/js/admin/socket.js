// A web socket that comes back by itself. Messages are JSON both ways; what arrives while it is away is lost, so a page
// asks anew whenever `open` is called. Without sockets nothing is ever called.
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
const CALM = 10_000;

// The server's own "no": signed out, no rights, nothing there. Trying again would hear the same.
const isFinal = (code) => code >= 4400 && code < 4500;

// `path` begins with "/ws/". `open({ again })` is called at each connection, `message(content)` for each message,
// `closed({ final })` at each loss. Returns { send(content), close() }; `send` says whether anybody was there to hear.
export function openSocket(path, { message = () => {}, open = () => {}, closed = () => {} } = {}) {
  let socket = null;
  let pause = FIRST_PAUSE;
  let timer = 0;
  let calm = 0;
  let again = false;
  let over = !("WebSocket" in window);

  function connect() {
    clearTimeout(timer);
    if (over || socket !== null) return;
    const address = new URL(path, window.location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const mine = new WebSocket(address);
    socket = mine;
    mine.addEventListener("open", () => {
      // Only a connection that holds makes up for those that failed.
      calm = setTimeout(() => (pause = FIRST_PAUSE), CALM);
      open({ again });
      again = true;
    });
    mine.addEventListener("message", (event) => {
      let content;
      try {
        content = JSON.parse(event.data);
      } catch {
        return;
      }
      if (content !== null && typeof content === "object") message(content);
    });
    mine.addEventListener("close", (event) => {
      clearTimeout(calm);
      if (socket !== mine) return;
      socket = null;
      over = over || isFinal(event.code);
      closed({ final: over });
      if (over) return;
      // Not all pages at once when a server comes back.
      timer = setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    });
  }

  function hurry() {
    if (document.visibilityState === "visible") connect();
  }

  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  // A page kept for the back button lets go of its socket, and takes it up when it is shown again.
  window.addEventListener("pagehide", () => socket?.close(1000));
  window.addEventListener("pageshow", (event) => event.persisted && connect());
  connect();
  return {
    send(content) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(content));
      return true;
    },
    close() {
      over = true;
      clearTimeout(timer);
      socket?.close(1000);
    },
  };
}
