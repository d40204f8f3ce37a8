// One photo to the server, until it answers. The same form token goes with every try, and the server knows a photo by its
// content, so that one which arrived although its answer was lost is not stored twice.

const PATIENCE = [1000, 2000, 4000, 8000, 15000, 30000]; // milliseconds between tries
const BUSY = new Set([408, 425, 500, 502, 503, 504]);
const MOST_BUSY = 6;
const REFUSED = {
  401: "You were signed out. Please sign in again in another tab, then press Send: this photo waits here.",
  403: "This photo was not accepted. Please load this page again.",
  409: "Your photos or your consent have changed meanwhile, so this photo was not taken in. Please load this page again: it says how to go on.",
  413: "This is too large to send at once. Please choose a smaller copy.",
  429: "That was a lot of photos. They wait here; please press Send again in an hour.",
};
const NO_ROOM = "We cannot take in photos at this moment. This one waits here, nothing of it is lost: please press Send again in a few minutes.";

class Lost extends Error {}

class Busy extends Error {}

// `hears.progress(share)`, `hears.lost()` while there is no connection, `hears.busy()` while the server cannot take it;
// resolves to the server's answer or one like it.
export async function deliver(address, data, hears) {
  let busy = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await post(address, data, hears.progress);
      return attempt && answer.ok && answer.again ? { ...answer, again: false, sentence: "Safely stored. It had arrived before the connection was lost." } : answer;
    } catch (error) {
      const isBusy = error instanceof Busy;
      busy += isBusy ? 1 : 0;
      if (busy >= MOST_BUSY) return { ok: false, sentence: NO_ROOM };
      if (isBusy) hears.busy();
      else hears.lost();
      await aWhile(PATIENCE[Math.min(attempt, PATIENCE.length - 1)]);
    }
  }
}

function post(address, data, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("accept", "application/json");
    request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const answer = read(request);
      if (answer) resolve(answer);
      else reject(new Busy());
    });
    for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, () => reject(new Lost()));
    request.send(data);
  });
}

function read(request) {
  if (BUSY.has(request.status)) return null;
  try {
    return JSON.parse(request.responseText);
  } catch {
    const status = request.responseURL.includes("/sign-in") ? 401 : request.status;
    return { ok: false, sentence: REFUSED[status] ?? "We could not read the answer. Please press Send again." };
  }
}

// Until so much time has passed and there is a network; a network that comes back ends the wait.
function aWhile(milliseconds) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      resolve();
    };
    const timer = navigator.onLine ? setTimeout(end, milliseconds) : 0;
    window.addEventListener("online", end);
  });
}
