// The line of one photo: its picture the right way up, its view, how far it is, and what came of it.

const SIDE = 160;
const HEIC = /\.hei[cf]$/i;
const fill = document.querySelector("template[data-line]");
let drawn = Promise.resolve(); // one after the other: thirty photos of twelve megapixels at once are too many

export class Line {
  constructor(file, names) {
    this.root = fill.content.firstElementChild.cloneNode(true);
    this.file = file;
    this.at("file").textContent = file.name;
    this.at("view-label").textContent = `View of ${file.name}`;
    this.at("remove-label").textContent = `Remove ${file.name}`;
    this.at("bar").setAttribute("aria-label", `Sending ${file.name}`);
    this.view.append(new Option("Choose the view", ""), ...[...names].map(([value, name]) => new Option(name, value)));
    drawn = drawn.then(() => this.draw());
  }

  at(mark) {
    return this.root.querySelector(`[data-${mark}]`);
  }

  get view() {
    return this.at("view");
  }

  // A browser turns a picture by what its file says, so what is seen here is what will be stored.
  async draw() {
    try {
      const picture = await createImageBitmap(this.file);
      const scale = SIDE / Math.min(picture.width, picture.height);
      const canvas = this.at("picture");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.imageSmoothingQuality = "high";
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      this.root.dataset.drawn = "yes";
    } catch {
      this.at("picture").hidden = true;
      this.at("unseen").hidden = false;
      if (!this.root.dataset.tone) this.says(HEIC.test(this.file.name) ? "This browser cannot show HEIC. We can read it: it will be sent as it is." : "This browser cannot show it. Send it, and we say whether we can read it.");
    }
  }

  says(sentence, tone = "") {
    this.at("word").textContent = sentence;
    if (tone) this.root.dataset.tone = tone;
    else delete this.root.dataset.tone;
    this.at("good-sign").hidden = tone !== "good";
    this.at("bad-sign").hidden = tone !== "alert" && tone !== "watch";
  }

  progress(share) {
    const bar = this.at("bar");
    bar.hidden = false;
    bar.value = 100 * share;
    this.says(share >= 1 ? "Sent, being looked at …" : `Sending, ${Math.round(100 * share)} %`);
  }

  lost() {
    this.at("bar").hidden = true;
    this.says("No connection. This photo is kept on this page and goes on by itself.", "watch");
  }

  busy() {
    this.at("bar").hidden = true;
    this.says("The server is busy. This photo is kept on this page and is sent again by itself in a moment.", "watch");
  }

  // Nothing about it can be changed while it is on its way, and nothing once it has arrived.
  lock(locked) {
    this.view.disabled = locked;
    this.at("remove").hidden = locked;
  }

  // What came of it: { ok, sentence, faults, again }.
  outcome(answer) {
    const faults = answer.faults ?? [];
    const list = this.at("faults");
    this.at("bar").hidden = true;
    this.says(answer.sentence, answer.ok && faults.length === 0 ? "good" : answer.ok ? "watch" : "alert");
    list.replaceChildren(...faults.map(({ sentence }) => Object.assign(document.createElement("li"), { textContent: sentence })));
    list.hidden = faults.length === 0;
    if (!answer.ok) return;
    this.view.closest("label").hidden = true;
    this.at("file").textContent = `${this.view.selectedOptions[0].text}: ${this.file.name}`;
  }

  act(label, kind, press) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label });
    button.dataset.kind = kind;
    button.addEventListener("click", () => press(button));
    this.at("acts").append(button);
  }

  acted() {
    this.at("acts").replaceChildren();
  }
}
