// Sends photos one at a time, each with a preview the right way up, a bar and a word. Without this module the form
// sends them all at once, which works too. A broken connection is tried again; what was stored stays stored.

const TRIES = 4;
const REFUSED = {
  401: "You were signed out. Please sign in again; nothing of this photo was stored.",
  413: "This is too large to send at once. Please choose a smaller copy.",
  429: "That was a lot of photos. Please go on in an hour.",
};
const form = document.querySelector("[data-upload]");
const input = form?.querySelector("input[type=file]");
const list = form?.querySelector("[data-sends]");
const sends = new Map();

function line(file) {
  const item = document.createElement("li");
  const picture = document.createElement("img");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const word = document.createElement("span");
  item.className = "send";
  picture.className = "send-picture";
  picture.alt = "";
  picture.width = 64;
  picture.height = 64;
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("error", () => picture.removeAttribute("src"));
  name.className = "send-name";
  name.textContent = file.name;
  bar.className = "send-bar";
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  word.className = "send-word";
  word.textContent = file.size > Number(form.dataset.most) ? "Larger than 25 MB: please choose a smaller copy." : "Ready to send";
  item.append(picture, name, bar, word);
  list.append(item);
  return { item, bar, word, done: false };
}

function body(file) {
  const data = new FormData();
  data.set("view", new FormData(form).get("view") ?? "");
  data.set("taken_on", form.elements.taken_on?.value ?? "");
  data.set("form_token", crypto.randomUUID?.() ?? String(Math.random()));
  data.append("photos", file, file.name);
  return data;
}

function post(data, bar, word) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      bar.value = (100 * event.loaded) / event.total;
      word.textContent = event.loaded === event.total ? "Sent, being read …" : `Sending, ${Math.round(bar.value)} %`;
    });
    request.addEventListener("load", () => {
      if (request.response) resolve(request.response);
      else if (request.responseURL.includes("/sign-in")) resolve({ ok: false, sentence: REFUSED[401] });
      else if (request.status in REFUSED) resolve({ ok: false, sentence: REFUSED[request.status] });
      else reject(new Error("no answer"));
    });
    request.addEventListener("error", () => reject(new Error("no connection")));
    request.send(data);
  });
}

// The same token is sent each time, so a photo that arrived although its answer was lost is not stored twice.
async function deliver(file, send) {
  const data = body(file);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      return await post(data, send.bar, send.word);
    } catch {
      send.word.textContent = "The connection was lost; trying again …";
      await new Promise((resolve) => setTimeout(resolve, 1000 * attempt));
    }
  }
  return { ok: false, sentence: "The connection is lost. Nothing of this photo was stored; press Send to try again." };
}

async function submit(event) {
  event.preventDefault();
  if (!form.reportValidity()) return;
  form.setAttribute("aria-busy", "true");
  let next = null;
  for (const [file, send] of sends) {
    if (send.done) continue;
    const answer = await deliver(file, send);
    send.done = answer.ok;
    send.item.dataset.tone = answer.ok ? "good" : "alert";
    send.word.textContent = answer.sentence;
    next = answer.next ?? next;
  }
  form.removeAttribute("aria-busy");
  if (next && [...sends.values()].every((send) => send.done)) location.assign(next);
}

function chosen() {
  list.replaceChildren();
  sends.clear();
  for (const file of input.files) sends.set(file, line(file));
}

if (form && input && list) {
  input.addEventListener("change", chosen);
  form.addEventListener("submit", submit);
}
