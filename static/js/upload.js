// The page on which photos are sent: files, our own camera and the answers about hair meet in one queue, which sends one
// photo at a time. Without this module the form sends its files all at once, which works too.
import { welcomeDrops } from "./photos/drops.js";
import { Queue } from "./photos/queue.js";

const form = document.querySelector("[data-upload]");
const dialog = document.querySelector("[data-camera]");
const views = [...(form?.querySelectorAll("[name=view]") ?? [])];
const find = (mark) => form.querySelector(`[data-${mark}]`);

function says(sentence) {
  find("says").textContent = sentence;
}

const chosen = () => views.find((view) => view.checked);

// Parting and length are compared with an earlier photo: without one there is nothing to ask.
function suit(queue) {
  const view = chosen();
  for (const row of form.querySelectorAll("[data-needs-earlier]")) row.hidden = Boolean(view) && !view.dataset.ghost;
  find("hair-words").textContent = view && !view.dataset.ghost ? "Dry and without product" : "Dry, no product, parted and cut as before";
  if (view) queue.settle(view.value);
}

function allGood() {
  for (const answer of form.querySelectorAll("[data-good]")) answer.checked = !answer.closest("fieldset").hidden;
}

function takeFiles(queue, input) {
  queue.add([...input.files], chosen()?.value ?? "");
  input.value = ""; // the queue has them: chosen again they would count twice
}

async function send(event, queue) {
  event.preventDefault();
  if (queue.isEmpty) {
    says("Please take or choose at least one photo first.");
    form.elements.photos[0].focus();
    return;
  }
  if (queue.needsView && !form.reportValidity()) return;
  form.setAttribute("aria-busy", "true");
  const next = await queue.send();
  form.removeAttribute("aria-busy");
  if (next) location.assign(next);
}

async function photograph(queue, value) {
  const view = views.find((each) => each.value === value);
  const { Camera } = await import("./photos/camera.js");
  says("");
  try {
    const camera = new Camera(dialog);
    const file = await camera.take({
      value,
      name: view.dataset.name,
      region: view.dataset.region.split(" ").map(Number),
      blind: "blind" in view.dataset,
      ghost: view.dataset.ghost,
    });
    if (file) queue.add([file], value, { own: true }).focus();
  } catch (error) {
    says(error.sentence ?? "The camera could not be started. You can choose photos instead.");
    find("says").scrollIntoView({ block: "center" });
  }
}

function begin() {
  const queue = new Queue(form, { names: new Map(views.map((view) => [view.value, view.dataset.name])), says, again });
  function again(value) {
    const view = views.find((each) => each.value === value);
    view.checked = true;
    suit(queue);
    view.focus();
    form.querySelector(`[data-guide=${value}]`)?.scrollIntoView({ block: "start" });
  }
  find("sends-empty").hidden = false;
  find("hair-good").hidden = false;
  find("hair-good").addEventListener("click", allGood);
  for (const input of form.querySelectorAll("input[type=file]")) input.addEventListener("change", () => takeFiles(queue, input));
  for (const view of views) view.addEventListener("change", () => suit(queue));
  form.addEventListener("submit", (event) => send(event, queue));
  welcomeDrops(find("dropzone"), (files) => queue.add(files, chosen()?.value ?? ""));
  suit(queue);
  if (!dialog?.showModal || !navigator.mediaDevices?.getUserMedia) return;
  for (const offer of form.querySelectorAll("[data-camera-offer]")) offer.hidden = false;
  for (const button of form.querySelectorAll("[data-camera-open]")) {
    button.addEventListener("click", () => photograph(queue, button.dataset.cameraOpen));
  }
}

if (form) begin();
