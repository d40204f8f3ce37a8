// Three points on each picture: tapped, dragged, moved by arrow keys, with a loupe. Without this module each point is a
// step of its own (a form of one picture). Points are shares of width and height, written "0.2510,0.4031".
const WANTED = 3;
const LOUPE = 120;
const LARGER = 3;
const root = document.querySelector("[data-landmarks]");
const says = root?.querySelector("[data-says]");
const form = root?.querySelector("[data-send]");
const within = (value) => Math.min(Math.max(value, 0), 1);
const percent = (share) => Math.round(share * 100);

class Taps {
  constructor(figure) {
    this.figure = figure;
    this.box = figure.querySelector("[data-box]");
    this.picture = this.box.querySelector("img, input");
    this.fixed = figure.hasAttribute("data-fixed");
    this.name = `${figure.dataset.taps}_points`;
    this.points = [];
    const saved = [...(form?.querySelectorAll(`[name=${this.name}]`) ?? [])].map((input) => input.value.split(",").map(Number));
    for (const [x, y] of this.fixed ? this.drawn() : saved) this.add(x, y);
    this.box.querySelector("[data-marks]").remove();
    figure.querySelector("[data-list]").remove();
    figure.querySelector("[data-typed]")?.remove();
    figure.dataset.ready = "yes";
    this.box.addEventListener("click", (event) => this.tap(event));
    this.say();
  }

  drawn() {
    return [...this.box.querySelectorAll("[data-marks] svg")].map((mark) => [mark.x.baseVal.value / 100, mark.y.baseVal.value / 100]);
  }

  get left() { return this.fixed ? 0 : WANTED - this.points.length; }

  tap(event) {
    event.preventDefault();
    if (this.fixed || event.target.closest(".tap-point")) return;
    const byKey = event.detail === 0;
    const at = byKey ? { x: 0.5, y: 0.5 } : this.share(event);
    if (this.left > 0) this.add(at.x, at.y).focus({ preventScroll: true });
    else this.nearest(at).put(at.x, at.y);
    this.say();
  }

  nearest(at) {
    const far = (point) => Math.hypot(point.x - at.x, point.y - at.y);
    return this.points.reduce((best, point) => (far(point) < far(best) ? point : best));
  }

  share(event) {
    const box = this.box.getBoundingClientRect();
    return { x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) };
  }

  add(x, y) {
    const button = document.createElement("button");
    const number = document.createElement("span");
    const point = { x, y, button, put: (right, down) => this.put(point, right, down) };
    button.type = "button";
    button.className = "tap-point";
    button.disabled = this.fixed;
    number.className = "tap-number";
    number.textContent = this.points.length + 1;
    button.append(number);
    this.points.push(point);
    this.box.append(button);
    if (!this.fixed) this.listen(point);
    this.put(point, x, y);
    return button;
  }

  put(point, x, y) {
    point.x = within(x);
    point.y = within(y);
    point.button.style.setProperty("--x", point.x);
    point.button.style.setProperty("--y", point.y);
    const words = `${this.figure.dataset.label}, point ${this.points.indexOf(point) + 1}: ${percent(point.x)} % from the left, ${percent(point.y)} % from the top`;
    point.button.setAttribute("aria-label", this.fixed ? words : `${words}. Arrow keys move it.`);
    write();
  }

  listen(point) {
    const { button } = point;
    button.addEventListener("pointerdown", (event) => { button.setPointerCapture(event.pointerId); this.loupe(point); });
    button.addEventListener("pointermove", (event) => {
      if (!button.hasPointerCapture(event.pointerId)) return;
      const at = this.share(event);
      this.put(point, at.x, at.y);
      this.loupe(point);
    });
    for (const end of ["pointerup", "pointercancel", "blur"]) button.addEventListener(end, () => this.loupe(null));
    button.addEventListener("keydown", (event) => this.key(event, point));
  }

  key(event, point) {
    const step = event.shiftKey ? 0.02 : 0.0025;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (!(event.key in ways)) return;
    event.preventDefault();
    this.put(point, point.x + ways[event.key][0], point.y + ways[event.key][1]);
    this.loupe(point);
  }

  loupe(point) {
    this.glass?.remove();
    this.glass = null;
    if (!point) return;
    const glass = document.createElement("span");
    const { width, height } = this.box.getBoundingClientRect();
    glass.className = "tap-loupe";
    glass.dataset.side = point.x < 0.5 ? "right" : "left";
    const rules = {
      picture: `url("${this.picture.src}")`, width: `${width * LARGER}px`, height: `${height * LARGER}px`,
      "at-x": `${LOUPE / 2 - point.x * width * LARGER}px`, "at-y": `${LOUPE / 2 - point.y * height * LARGER}px`,
    };
    for (const [name, value] of Object.entries(rules)) glass.style.setProperty(`--${name}`, value);
    this.box.append(glass);
    this.glass = glass;
  }

  say() {
    const ask = this.figure.querySelector("[data-ask]");
    if (!this.fixed) ask.textContent = this.left ? `Tap ${this.left === WANTED ? "three points" : `${this.left} more`} on the picture.` : "All three are set. Drag one to correct it.";
    report();
  }
}

// The form that is sent holds what stands on the pictures.
function write() {
  if (!ready) return;
  for (const input of form.querySelectorAll("[name$=_points]")) input.remove();
  for (const taps of all) {
    if (taps.fixed) continue;
    for (const { x, y } of taps.points) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: taps.name, value: `${x.toFixed(4)},${y.toFixed(4)}` });
      form.append(input);
    }
  }
}

function report() {
  if (!ready) return;
  const left = all.reduce((sum, taps) => sum + taps.left, 0);
  const now = all.find((taps) => taps.left > 0);
  says.textContent = left ? `${left} ${left === 1 ? "point is" : "points are"} missing. Next: point ${WANTED - now.left + 1} on the ${now.figure.dataset.label.toLowerCase()}.` : "All points are set.";
}

let ready = false;
let all = [];
if (form) {
  all = [...root.querySelectorAll("[data-taps]")].map((figure) => new Taps(figure));
  ready = true;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (all.every((taps) => taps.left === 0)) return;
    event.preventDefault();
    report();
    says.scrollIntoView({ block: "center" });
  });
  write();
  report();
}
