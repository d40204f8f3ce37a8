// Our own camera: the picture with its outline and the earlier photo as a ghost; a shutter that is free when the picture
// fits, and lets go after a while when it does not. It ends with a JPEG file, or with nothing.
import { burst } from "./burst.js";
import { fitOf } from "./fit.js";
import { Guide } from "./guide.js";
import { judge } from "./judge.js";
import { Eye, boxOf, pane } from "./see.js";
import { stamped } from "./stamp.js";
import { closeStream, facesPerson, hasOther, openStream } from "./stream.js";
import { watchTilt } from "./tilt.js";

const QUALITY = 0.98;
const LAPSE = 450; // milliseconds out of tolerance that do not count: a hand trembles, and the burst chooses anyway
const GLANCE = 125; // milliseconds from one look to the next, where the phone is fast enough
const SHOWN = 900; // pixels across of the photo while it is looked at
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Camera {
  constructor(dialog) {
    this.dialog = dialog;
    this.limits = dialog.dataset;
    this.guide = new Guide(this.at("live"));
    this.video = this.at("video");
    this.ghost = this.at("ghost") ?? this.haunt();
  }

  at(mark) {
    return this.dialog.querySelector(`[data-camera-${mark}]`);
  }

  haunt() {
    const ghost = Object.assign(document.createElement("img"), { className: "camera-picture camera-ghost", alt: "", hidden: true });
    ghost.dataset.cameraGhost = "";
    this.video.after(ghost);
    return ghost;
  }

  // view: { value, name, region, blind, ghost }. Resolves to a File, or null when closed. Raises an Error with a sentence.
  async take(view) {
    Object.assign(this, { view, eye: new Eye(view.region), before: null, facing: view.blind ? "environment" : "user", kept: null });
    this.ending = new AbortController();
    this.guide.switch(view.blind); // now, while this is still a press: later no sound may start
    const untilt = watchTilt((posture) => this.chip("tilt", posture));
    try {
      this.dress(await this.start());
      await this.remember();
      this.listen(this.ending.signal);
      this.dialog.showModal();
      this.live();
      return await new Promise((resolve) => { this.finish = resolve; });
    } finally {
      untilt();
      this.end();
    }
  }

  async start() {
    this.stream = await openStream(this.facing);
    this.video.srcObject = this.stream;
    await this.video.play();
    this.mirrored = facesPerson(this.stream, this.facing);
    this.at("scene").toggleAttribute("data-mirrored", this.mirrored);
    return hasOther();
  }

  stop() {
    closeStream(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  end() {
    this.round = 0;
    this.ending.abort();
    this.guide.stop();
    this.stop();
    this.kept?.bitmap.close();
    this.ghost.removeAttribute("src");
    if (this.dialog.open) this.dialog.close();
  }

  dress(other) {
    this.at("name").textContent = this.view.name;
    this.at("auto").checked = this.view.blind;
    this.at("sound").checked = this.view.blind;
    this.at("turn").hidden = !other;
    for (const outline of this.dialog.querySelectorAll("[data-outline]")) outline.hidden = outline.dataset.outline !== this.view.value;
  }

  // The earlier photo: shown as a ghost, and what the picture is compared with.
  async remember() {
    if (this.view.ghost) {
      try {
        this.ghost.src = this.view.ghost;
        await this.ghost.decode();
        this.before = this.eye.look(this.ghost);
      } catch {
        this.before = null; // withdrawn meanwhile: the outline is left
      }
    }
    this.ghost.hidden = !this.before;
    this.at("ghost-control").hidden = !this.before;
    this.fade();
  }

  fade() {
    this.ghost.style.setProperty("--ghost", this.at("opacity").value / 100);
  }

  listen(signal) {
    const on = (mark, event, act) => this.at(mark).addEventListener(event, act, { signal });
    on("close", "click", () => this.finish(null));
    on("shutter", "click", () => this.press());
    on("anyway", "click", () => this.shoot());
    on("again", "click", () => this.live());
    on("use", "click", () => this.use());
    on("opacity", "input", () => this.fade());
    on("sound", "change", (event) => this.guide.switch(event.target.checked));
    on("turn", "click", () => this.turn());
    on("more", "click", () => this.unfold());
    this.dialog.addEventListener("close", () => this.finish(null), { signal });
    this.dialog.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("visibilitychange", () => this.rest(), { signal });
  }

  key(event) {
    if (event.key !== " " || event.target.closest("button, input")) return;
    event.preventDefault();
    if (this.round) this.press();
  }

  unfold() {
    const ways = this.dialog.querySelector("#camera-ways");
    ways.hidden = !ways.hidden;
    this.at("more").setAttribute("aria-expanded", String(!ways.hidden));
  }

  async turn() {
    this.facing = this.mirrored ? "environment" : "user";
    await this.again();
  }

  // A hidden page keeps no camera open.
  async rest() {
    if (document.hidden) this.stop();
    else if (!this.stream && !this.kept) await this.again();
  }

  async again() {
    this.stop();
    try {
      await this.start();
    } catch (error) {
      this.guide.say(error.sentence, true);
      this.at("say").textContent = error.sentence;
    }
  }

  live() {
    if (!this.stream) this.again();
    this.kept?.bitmap.close();
    Object.assign(this, { kept: null, since: performance.now(), fitsSince: 0, fitsLast: 0, last: null, round: Math.random() });
    this.show(true);
    this.at("anyway").hidden = true;
    this.guide.switch(this.at("sound").checked);
    this.at("shutter").focus();
    this.watch(this.round);
  }

  show(live) {
    this.at("live-controls").hidden = !live;
    this.at("taken-controls").hidden = live;
    this.at("scene").hidden = !live;
    this.at("taken").hidden = live;
    this.dialog.toggleAttribute("data-taken", !live);
  }

  async watch(round) {
    while (round === this.round) {
      const began = performance.now();
      if (this.stream && this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.glance(began);
      await pause(Math.max(40, GLANCE - (performance.now() - began)));
    }
  }

  glance(now) {
    const seen = this.eye.look(this.video);
    const verdict = this.verdict(seen);
    const held = this.before || this.heldStill(seen);
    this.tell(verdict);
    this.at("shutter").setAttribute("aria-disabled", String(!verdict.ok));
    if (!verdict.ok && now - this.since > Number(this.limits.patience)) this.at("anyway").hidden = false;
    if (verdict.ok && !this.fitsSince) this.guide.fits();
    if (verdict.ok && held) Object.assign(this, { fitsSince: this.fitsSince || now, fitsLast: now });
    else if (now - this.fitsLast > LAPSE) this.fitsSince = 0;
    const steady = Number(this.limits.steady) * (this.before ? 1 : 2);
    if (this.at("auto").checked && this.fitsSince && verdict.ok && now - this.fitsSince >= steady) this.shoot();
  }

  verdict(seen) {
    const fit = this.before && fitOf(this.before.edges, seen.edges);
    return judge(this.limits, seen, fit, this.before, this.mirrored);
  }

  // Without an earlier photo nothing says that the place is right; a phone that rests says that somebody means it.
  heldStill(seen) {
    const moved = this.last && fitOf(this.last, seen.edges);
    this.last = seen.edges;
    return Boolean(moved) && moved.match > 0.8 && Math.abs(moved.dx) < 0.02 && Math.abs(moved.dy) < 0.02;
  }

  tell(verdict) {
    const { ok, near } = verdict;
    const word = ok && !this.at("auto").checked ? "Ready" : verdict.say;
    for (const about of ["sharpness", "light", "position"]) this.chip(about, verdict[about]);
    this.at("say").textContent = word;
    this.at("stage").toggleAttribute("data-fits", ok);
    this.guide.near = near;
    this.guide.say(word);
    this.verdictNow = verdict;
  }

  chip(about, { words, tone }) {
    const chip = this.dialog.querySelector(`[data-about=${about}]`);
    chip.dataset.tone = tone;
    chip.hidden = false;
    chip.querySelector("strong").textContent = words;
  }

  press() {
    if (this.at("shutter").getAttribute("aria-disabled") === "true") this.guide.say(`Not yet. ${this.verdictNow?.say ?? "One moment"}.`, true);
    else this.shoot();
  }

  async shoot() {
    if (!this.round || !this.stream) return null;
    this.round = 0;
    this.dialog.setAttribute("aria-busy", "true");
    const kept = await burst(this.video, Number(this.limits.burst), this.eye, (seen) => this.verdict(seen)).catch(() => null);
    this.dialog.removeAttribute("aria-busy");
    if (!this.dialog.open) return kept?.bitmap.close();
    if (!kept) return this.live();
    this.kept = kept;
    this.guide.taken();
    return this.review();
  }

  async use() {
    const { kept } = this;
    if (!kept) return;
    this.kept = null; // pressed twice it is still one photo
    this.finish(await this.file(kept.bitmap));
    kept.bitmap.close();
  }

  review() {
    const { bitmap, verdict } = this.kept;
    const [left, top, width, height] = boxOf(bitmap);
    const shown = this.at("taken");
    shown.width = SHOWN;
    shown.height = (SHOWN * height) / width;
    shown.getContext("2d").drawImage(bitmap, left, top, width, height, 0, 0, shown.width, shown.height);
    this.show(false);
    this.tell(verdict);
    const poor = [verdict.sharpness, verdict.light, verdict.position].filter(({ ok }) => !ok).map(({ words }) => words.toLowerCase());
    this.at("say").textContent = poor.length ? "Taken" : "Taken, and good";
    this.guide.say(poor.length ? `Taken, but: ${poor.join(", ")}.` : "Taken. It is good.", true);
    this.at("use").focus();
  }

  // The kept frame at its full size, cut to the box of the outline, dated.
  async file(bitmap) {
    const [left, top, width, height] = boxOf(bitmap);
    const { canvas, pen } = pane(width, height, false);
    pen.drawImage(bitmap, left, top, width, height, 0, 0, canvas.width, canvas.height);
    const jpeg = await new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", QUALITY); });
    const now = new Date();
    const name = `${this.view.value.replace("_", "-")}-${now.toTimeString().slice(0, 8).replaceAll(":", "")}.jpg`;
    return new File([await stamped(jpeg, now)], name, { type: "image/jpeg", lastModified: now.getTime() });
  }
}
