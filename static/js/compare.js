// Two photos: side by side, slider, fade; zoom and pan in step by wheel, pinch, drag, keys and buttons. Without this
// module the plain pair is there. Positions are shares of a frame, so both photos move alike whatever their size.
const MOST = 8;
const KEEP = "portal.look";
const GRIP = 0.06;
const SAYS = {
  wipe: (mix) => `Slider at ${mix} %: the earlier photo on the left of it, the later one on the right`,
  fade: (mix) => `${100 - mix} % earlier photo, ${mix} % later photo`,
};

const remembered = () => {
  try { return sessionStorage.getItem(KEEP); } catch { return null; }
};
const remember = (mode) => {
  try { sessionStorage.setItem(KEEP, mode); } catch { /* a private window: the choice is not kept */ }
};
const within = (value, low, high) => Math.min(Math.max(value, low), high);

class Looker {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector("[data-stage]");
    this.level = root.querySelector("[data-zoom-level]");
    this.range = root.querySelector("[data-range]");
    this.input = root.querySelector("[data-mix]");
    Object.assign(this, { zoom: 1, left: 0, top: 0, mode: "beside", pointers: new Map() });
    this.shape();
    this.listen();
    root.querySelector("[data-bar]").hidden = false;
    root.querySelector("[data-help]").hidden = false;
    this.stage.tabIndex = 0;
    root.dataset.ready = "yes";
    this.look(remembered() ?? "beside");
    this.mix(50);
    this.move();
  }

  get canMix() { return this.mode !== "beside"; }

  shape() {
    for (const side of this.root.querySelectorAll("[data-side]")) {
      const picture = side.querySelector("[data-picture]");
      side.style.setProperty("--ratio", Number(picture.getAttribute("width")) / Number(picture.getAttribute("height")));
    }
  }

  listen() {
    const { root, stage } = this;
    root.addEventListener("change", (event) => { if (event.target.name === "look") this.look(event.target.value, true); });
    this.input?.addEventListener("input", () => this.mix(Number(this.input.value)));
    for (const button of root.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => this.press(button.dataset.zoom));
    stage.addEventListener("keydown", (event) => this.key(event));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.up(event));
    stage.addEventListener("dblclick", (event) => { const at = this.share(event); if (at) this.scale(this.zoom > 1 ? 1 / MOST : 2.5, at); });
  }

  look(mode, chosen = false) {
    const radio = this.root.querySelector(`[name=look][value="${mode}"]`);
    if (!radio) return;
    radio.checked = true;
    this.mode = mode;
    this.root.dataset.mode = mode;
    if (this.range) this.range.hidden = !this.canMix;
    if (chosen) remember(mode);
    this.mix(Number(this.input.value));
  }

  mix(value) {
    if (!this.input) return;
    const mix = Math.round(within(value, 0, 100));
    this.input.value = mix;
    this.root.style.setProperty("--mix", mix / 100);
    const words = SAYS[this.mode]?.(mix) ?? "";
    this.input.setAttribute("aria-valuetext", words);
    this.root.querySelector("[data-range-label]").textContent = this.mode === "fade" ? "Fade from the earlier to the later photo" : "Slide between the earlier and the later photo";
  }

  // Show `left` and `top` (shares) of the photos in the corner of their frames.
  move() {
    const far = 1 - 1 / this.zoom;
    this.left = within(this.left, 0, far);
    this.top = within(this.top, 0, far);
    const style = this.root.style;
    style.setProperty("--zoom", this.zoom);
    style.setProperty("--tx", `${-this.left * this.zoom * 100}%`);
    style.setProperty("--ty", `${-this.top * this.zoom * 100}%`);
    this.root.toggleAttribute("data-zoomed", this.zoom > 1);
    const words = `${Math.round(this.zoom * 100)} %`;
    if (this.level.value !== words) this.level.value = words;
    for (const button of this.root.querySelectorAll("[data-zoom]")) {
      button.disabled = button.dataset.zoom === "in" ? this.zoom >= MOST : this.zoom <= 1;
    }
  }

  scale(factor, at = { x: 0.5, y: 0.5 }) {
    const zoom = within(this.zoom * factor, 1, MOST);
    this.left += at.x / this.zoom - at.x / zoom;
    this.top += at.y / this.zoom - at.y / zoom;
    this.zoom = zoom;
    this.move();
  }

  press(what) {
    this.scale({ in: 1.5, out: 1 / 1.5, reset: 1 / MOST }[what]);
    if (document.activeElement?.disabled) this.stage.focus();
  }

  pan(right, down) {
    this.left += right / this.zoom;
    this.top += down / this.zoom;
    this.move();
  }

  key(event) {
    if (event.target !== this.stage || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0.3 : 0.1;
    const slide = (way) => this.mix(Number(this.input.value) + way * (event.shiftKey ? 10 : 2));
    const sideways = (way) => (this.zoom > 1 ? this.pan(way * step, 0) : this.canMix && slide(way));
    const keys = {
      "+": () => this.scale(1.5), "=": () => this.scale(1.5), "-": () => this.scale(1 / 1.5), 0: () => this.scale(1 / MOST),
      ArrowLeft: () => sideways(-1), ArrowRight: () => sideways(1),
    };
    if (this.zoom > 1) Object.assign(keys, { ArrowUp: () => this.pan(0, -step), ArrowDown: () => this.pan(0, step) });
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  }

  // The wheel belongs to the page until the picture was pressed (or Ctrl is held, which a pinch on a touchpad does).
  wheel(event) {
    const at = this.share(event);
    if (!at || !(event.ctrlKey || this.stage.contains(document.activeElement))) return;
    if (event.deltaY > 0 && this.zoom <= 1 && !event.ctrlKey) return;
    event.preventDefault();
    this.scale(2 ** (-event.deltaY / (event.ctrlKey ? 120 : 320)), at);
  }

  share(event) {
    const frame = this.frameAt(event);
    if (!frame) return null;
    const box = frame.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  frameAt({ clientX, clientY }) {
    return [...this.root.querySelectorAll("[data-frame]")].find((frame) => {
      const box = frame.getBoundingClientRect();
      return clientX >= box.left && clientX <= box.right && clientY >= box.top && clientY <= box.bottom;
    });
  }

  down(event) {
    const at = this.share(event);
    if (!at || event.button > 0 || event.target.closest("a")) return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.stage.setPointerCapture(event.pointerId);
    const near = Math.abs(at.x - Number(this.input?.value ?? 0) / 100) < GRIP;
    this.slides = this.canMix && (this.zoom === 1 || (this.mode === "wipe" && near));
    if (this.slides && this.pointers.size === 1 && event.pointerType === "mouse") this.mix(at.x * 100);
  }

  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const box = this.root.querySelector("[data-frame]").getBoundingClientRect();
    if (this.pointers.size === 2) this.pinch(event, last);
    else if (this.slides) this.mix(((event.clientX - box.left) / box.width) * 100);
    else if (this.zoom > 1) this.pan((last.x - event.clientX) / box.width, (last.y - event.clientY) / box.height);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  pinch(event, last) {
    const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const apart = (one) => Math.hypot(one.x - other.x, one.y - other.y);
    const now = { x: event.clientX, y: event.clientY };
    const at = this.share({ clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 });
    if (at && apart(last) > 0) this.scale(apart(now) / apart(last), at);
    this.slides = false;
  }

  up(event) {
    this.pointers.delete(event.pointerId);
  }
}

for (const root of document.querySelectorAll("[data-looker]")) new Looker(root);
