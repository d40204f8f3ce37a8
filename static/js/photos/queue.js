// What waits to be sent, in order. A photo is ready, moving, stored, refused (a date may be wrong: it is tried again with the
// next press), or hopeless (too large, empty).
import { deliver } from "./deliver.js";
import { Line } from "./line.js";

const HAIR = ["wetness", "product", "parting", "length"];
const token = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
const local = (moment) => new Date(moment - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
const many = (count) => `${count} ${count === 1 ? "photo" : "photos"}`;

export class Queue {
  // names: view → name; says(sentence) tells how all of it goes; again(view) leads back to taking that view.
  constructor(form, { names, says, again }) {
    Object.assign(this, { form, names, says, again, photos: [], list: form.querySelector("[data-sends]") });
    this.most = Number(form.dataset.most);
    window.addEventListener("beforeunload", (event) => this.atRisk && event.preventDefault());
  }

  get waiting() {
    return this.photos.filter(({ state }) => state === "ready" || state === "refused");
  }

  get isEmpty() {
    return this.waiting.length === 0;
  }

  get needsView() {
    return this.waiting.some((photo) => !photo.line.view.value);
  }

  // A photo of our own camera is nowhere else; a chosen file is safe where it was.
  get atRisk() {
    return this.photos.some((photo) => photo.state === "moving" || (photo.own && photo.state !== "stored"));
  }

  // Returns the last line, so that a person can be led to it. own: taken just now by our own camera.
  add(files, view, { own = false } = {}) {
    for (const file of files) this.#addOne(file, view, own);
    this.#tell();
    return this.photos.at(-1)?.line.view ?? this.list;
  }

  #addOne(file, view, own) {
    const line = new Line(file, this.names);
    const photo = { file, line, own, token: token() };
    const problem = file.size === 0 ? "This file is empty." : file.size > this.most ? "Larger than 25 MB: please choose a smaller copy." : "";
    line.view.value = view;
    line.says(problem || "Ready to send", problem ? "alert" : "");
    photo.state = problem ? "hopeless" : "ready";
    line.at("remove").addEventListener("click", () => this.#remove(photo));
    this.photos.push(photo);
    this.list.append(line.root);
  }

  #remove(photo) {
    this.photos = this.photos.filter((each) => each !== photo);
    photo.line.root.remove();
    this.#tell();
    this.form.querySelector("[type=submit]").focus();
  }

  // Photos chosen before their view take the first one that is chosen.
  settle(view) {
    for (const photo of this.waiting) photo.line.view.value ||= view;
  }

  #tell() {
    const count = this.waiting.length;
    this.list.hidden = this.photos.length === 0;
    this.form.querySelector("[data-sends-empty]").hidden = this.photos.length > 0;
    this.#finish();
    if (count) this.says(`${many(count)} ready to send.`);
    else if (this.photos.length === 0) this.says("");
  }

  // Sends all that wait, those added meanwhile too; returns where to go next, or null when something is left to decide here.
  async send() {
    if (this.sending) return null;
    this.sending = true;
    const tried = new Set();
    let next = null;
    for (let photo = this.waiting[0]; photo; photo = this.waiting.find((each) => !tried.has(each))) {
      tried.add(photo);
      const answer = await this.#sendOne(photo);
      next = answer.next ?? next;
      this.says(`${this.#stored} of ${many(this.photos.length)} safely stored.`);
    }
    this.sending = false;
    const whole = this.photos.every((photo) => photo.state === "stored" && !photo.faults);
    if (!whole) this.#tellLeft();
    return whole ? next : null;
  }

  get #stored() {
    return this.photos.filter(({ state }) => state === "stored").length;
  }

  async #sendOne(photo) {
    const { line } = photo;
    photo.state = "moving";
    line.acted();
    line.lock(true);
    line.progress(0);
    const answer = await deliver(this.form.action, this.#body(photo), {
      progress: (share) => line.progress(share),
      lost: () => {
        line.lost();
        this.says("No connection. What was stored stays stored; the rest is kept on this page and goes on by itself when you are back online.");
      },
      busy: () => {
        line.busy();
        this.says("The clinic’s server is busy. What was stored stays stored; the rest is kept on this page and is tried again by itself in a moment.");
      },
    });
    photo.state = answer.ok ? "stored" : "refused";
    photo.faults = answer.faults?.length ?? 0;
    line.outcome(answer);
    line.lock(answer.ok);
    if (photo.faults) this.#offer(photo, answer);
    this.#finish(answer.next);
    return answer;
  }

  #body({ file, line, own, token: once }) {
    const said = new FormData(this.form);
    const data = new FormData();
    data.set("view", line.view.value || said.get("view"));
    data.set("taken_on", own ? local(new Date(file.lastModified)) : said.get("taken_on") ?? "");
    for (const name of HAIR) data.set(name, said.get(name) ?? "unknown");
    data.set("form_token", once);
    data.append("photos", file, file.name);
    return data;
  }

  #offer(photo, answer) {
    const { line } = photo;
    line.act("Take it again", "secondary", () => this.again(line.view.value));
    if (answer.keep) line.act("Keep it anyway", "quiet", (button) => this.#keep(photo, answer.keep, button));
  }

  async #keep(photo, address, button) {
    button.disabled = true;
    try {
      const answer = await fetch(address, { method: "POST", body: new URLSearchParams({ form_token: token() }), redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) throw new Error("refused");
      photo.faults = 0;
      photo.line.acted();
      photo.line.says("Kept. It is marked, and we compare it with care.", "good");
      this.form.querySelector("[data-go-on]").focus();
    } catch {
      button.disabled = false;
      photo.line.says("There is no connection. The photo is stored; please press “Keep it anyway” again.", "watch");
    }
  }

  #tellLeft() {
    const poor = this.photos.filter(({ faults }) => faults).length;
    const refused = this.photos.length - this.#stored;
    this.says([
      `${this.#stored} of ${many(this.photos.length)} safely stored.`,
      poor ? `${poor === 1 ? "One could be better" : `${poor} could be better`}: please look at the list.` : "",
      refused ? `${refused === 1 ? "One was" : `${refused} were`} not stored.` : "",
    ].filter(Boolean).join(" "));
  }

  // With nothing left to send the way on takes the place of the button.
  #finish(next) {
    const on = this.form.querySelector("[data-go-on]");
    if (next) on.href = next;
    on.hidden = !this.isEmpty || this.photos.every(({ state }) => state !== "stored");
    this.form.querySelector("[type=submit]").hidden = !on.hidden;
  }
}
