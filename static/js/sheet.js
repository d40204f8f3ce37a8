// The sheet of a day or week: appointments are picked up by pointer or keyboard and put down on a free place; a dialog
// asks why and sends the same form as the page does. The server decides: nothing moves before it has said yes.
const sheet = document.querySelector("[data-sheet]");
const says = document.querySelector("[data-says]");
const hint = document.querySelector("[data-hint]");
const lanes = [...(sheet?.querySelectorAll("[data-lane][data-moments]") ?? [])];
const step = Number(sheet?.dataset.step ?? 15);
const FAR_ENOUGH = 6;
let lifted = null; // { visit, lane, minute, ghost }
let dropped = false;

const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const lane = (number) => lanes[number - 1];
const where = (one) => `${clock(one.minute)}, ${lane(one.lane).dataset.label}`;

function place(element, laneNumber, minute, minutes) {
  const end = minute + minutes;
  const at = { lane: laneNumber + 1, h1: Math.floor(minute / 60), m1: (minute % 60) / 5, h2: Math.floor(end / 60), m2: (end % 60) / 5 };
  for (const [name, value] of Object.entries(at)) element.style.setProperty(`--${name}`, value);
}

function pickUp(visit) {
  const ghost = document.createElement("p");
  ghost.className = "ghost";
  sheet.append(ghost);
  visit.dataset.lifted = "yes";
  lifted = { visit, ghost, lane: Number(visit.dataset.lane), minute: Number(visit.dataset.from) };
  show();
}

function show() {
  place(lifted.ghost, lifted.lane, lifted.minute, Number(lifted.visit.dataset.minutes));
  lifted.ghost.textContent = `${clock(lifted.minute)} ${lifted.visit.dataset.name}`;
}

function leave() {
  lifted?.ghost.remove();
  delete lifted?.visit.dataset.lifted;
  lifted = null;
  hint.hidden = true;
}

function moveTo(laneNumber, minute) {
  const longest = Number(sheet.dataset.to) * 60 - Number(lifted.visit.dataset.minutes);
  lifted.lane = Math.min(Math.max(laneNumber, 1), lanes.length);
  lifted.minute = Math.min(Math.max(minute, Number(sheet.dataset.from) * 60), longest);
  show();
}

// A lane says at which second each of its full hours begins, so that no zone is computed here.
function slot({ visit, lane: number, minute }) {
  const hours = lane(number).dataset.moments.split(" ");
  const moment = Number(hours[Math.floor(minute / 60)]) + (minute % 60) * 60;
  return `${new Date(moment * 1000).toISOString()}/${lane(number).dataset.who || visit.dataset.who}`;
}

function putDown() {
  const { visit, lane: number, minute } = lifted;
  const words = `${visit.dataset.name}: from ${clock(Number(visit.dataset.from))}, ${lane(Number(visit.dataset.lane)).dataset.label}, to ${where(lifted)}.`;
  const stays = number === Number(visit.dataset.lane) && minute === Number(visit.dataset.from);
  const value = slot(lifted);
  leave();
  if (stays) return;
  ask("move", visit, words, visit.querySelector("[data-move]").href, value);
}

function ask(kind, visit, words, action, value) {
  const dialog = document.getElementById(`ask-${kind}`);
  const form = dialog.querySelector("form");
  form.action = action;
  if (value) form.elements.slot.value = value;
  dialog.querySelector("[data-words]").textContent = words;
  problem(dialog, "");
  dialog.dataset.visit = visit.id;
  dialog.showModal();
  form.elements.reason.focus();
}

function problem(dialog, sentence) {
  const line = dialog.querySelector("[data-problem]");
  line.hidden = !sentence;
  line.textContent = sentence;
}

// The answer to a refused form is the page with the reason on it: here only the reason is taken.
function reason(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const lines = page.querySelectorAll("[data-problems] li, .problem-page .lead");
  return [...lines].map((line) => line.textContent.trim()).join(" ") || "That did not work. Nothing was changed.";
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const dialog = form.closest("dialog");
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      history.replaceState(null, "", `#${dialog.dataset.visit}`);
      location.reload();
      return;
    }
    problem(dialog, reason(await answer.text()));
  } catch {
    problem(dialog, "There is no connection. Nothing was changed; please try again.");
  }
  form.removeAttribute("aria-busy");
}

function key(event) {
  if (!lifted || lifted.pointer) return;
  const far = event.shiftKey ? Math.max(60, step) : step;
  const moves = {
    ArrowUp: () => moveTo(lifted.lane, lifted.minute - far),
    ArrowDown: () => moveTo(lifted.lane, lifted.minute + far),
    ArrowLeft: () => moveTo(lifted.lane - 1, lifted.minute),
    ArrowRight: () => moveTo(lifted.lane + 1, lifted.minute),
    Enter: putDown,
    Escape: () => { says.textContent = "Left where it was."; leave(); },
  };
  if (event.key === "Tab") leave();
  if (!(event.key in moves)) return;
  event.preventDefault();
  moves[event.key]();
  if (lifted) {
    says.textContent = where(lifted);
    lifted.ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function pressed(event) {
  const visit = event.target.closest("[data-movable]");
  const link = event.target.closest("[data-move], [data-cancel]");
  if (dropped) event.preventDefault();
  else if (link?.matches("[data-cancel]")) {
    event.preventDefault();
    ask("cancel", visit, `${visit.dataset.name}, ${clock(Number(visit.dataset.from))}.`, link.dataset.action);
  } else if (link && event.detail === 0 && matchMedia("(width >= 48rem)").matches) {
    event.preventDefault();
    pickUp(visit);
    hint.hidden = false;
    says.textContent = `${visit.dataset.name}, ${where(lifted)}, picked up. ${hint.textContent}`;
  }
  dropped = false;
}

function drag(down) {
  const visit = down.target.closest("[data-movable]");
  if (!visit || down.button !== 0 || down.pointerType === "touch" || down.target.closest(".visit-acts")) return;
  const held = down.clientY - visit.getBoundingClientRect().top;
  const stop = new AbortController();
  const over = (event) => {
    if (!lifted && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < FAR_ENOUGH) return;
    if (!lifted) pickUp(visit);
    lifted.pointer = true;
    const [first, second] = [...sheet.querySelectorAll(".sheet-hour")].map((hour) => hour.getBoundingClientRect().top);
    const minute = Number(sheet.dataset.from) * 60 + ((event.clientY - held - first) / (second - first)) * 60;
    const under = lanes.findIndex((head) => event.clientX < head.getBoundingClientRect().right);
    moveTo(under < 0 ? lanes.length : under + 1, Math.round(minute / step) * step);
  };
  const up = () => {
    stop.abort();
    if (!lifted) return;
    dropped = true;
    setTimeout(() => { dropped = false; }, 0);
    putDown();
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    stop.abort();
    leave();
  };
  const { signal } = stop;
  window.addEventListener("pointermove", over, { signal });
  window.addEventListener("pointerup", up, { signal });
  window.addEventListener("pointercancel", () => { stop.abort(); leave(); }, { signal });
  window.addEventListener("keydown", escape, { signal });
}

if (sheet && says && hint) {
  sheet.addEventListener("click", pressed);
  sheet.addEventListener("pointerdown", drag);
  sheet.addEventListener("dragstart", (event) => event.preventDefault());
  document.addEventListener("keydown", key);
  for (const dialog of document.querySelectorAll("dialog.ask")) {
    dialog.querySelector("form").addEventListener("submit", send);
    dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => document.getElementById(dialog.dataset.visit)?.querySelector("a")?.focus());
  }
  document.querySelector(`.visit${location.hash.replace(/[^#\w-]/g, "") || "#none"} a`)?.focus();
}
