// The report form: saved as it is typed (as a draft on the server: a phone may be shared, so nothing is kept in it), and sent
// until an answer has come. Both carry the page's own token, so that what arrives twice is one report. Without this module
// the form's two buttons do the same by ordinary posts.
const PAUSE = 1200; // milliseconds without a key before what was typed is saved
const PATIENCE = [1000, 2000, 4000, 8000, 15000, 30000]; // between tries
const TOO_LONG = 30000; // without an answer the try is given up; a photo gets longer
const MOST_PHOTO = 25 * 1024 * 1024;
const LOST = "Not saved just now; we keep trying; nothing on this page is lost.";
const UNSENT = "Not sent just now: no connection. We keep trying; nothing on this page is lost.";
const SIGNED_OUT = "You were signed out. Please sign in again in another tab; nothing on this page is lost.";

class Away extends Error {}

let page = null;

class Report {
  constructor(form) {
    this.form = form;
    this.line = form.querySelector("[data-says]");
    this.typed = this.kept = 0; // how often something was typed, and how much of it is saved
    this.tries = 0;
    this.isSending = this.isLeaving = this.isSaving = false;
    form.addEventListener("input", (event) => this.changed(event));
    form.addEventListener("submit", (event) => this.submitted(event));
  }

  get photo() {
    return this.form.elements.photo;
  }

  says(sentence, tone = "") {
    this.line.hidden = false;
    if (this.line.textContent !== sentence) this.line.textContent = sentence;
    this.line.dataset.tone = tone;
  }

  changed(event) {
    if (event.target === this.photo) return;
    this.typed += 1;
    this.soon(PAUSE);
  }

  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isSending || this.isSaving) return;
    const now = this.typed;
    this.isSaving = true;
    try {
      const answer = await post(this.form.dataset.draft, this.fields({ photo: false }), TOO_LONG);
      if (answer.to) return this.leave(answer.to); // it had been sent from here, and the answer was lost
      if (!answer.saved) throw new Away(answer.sentence);
      this.kept = now;
      this.tries = 0;
      if (!this.isSending) this.says(`Saved at ${answer.saved}, not sent yet.`);
    } catch (error) {
      if (!this.isSending) this.says((error instanceof Away && error.message) || LOST, "watch");
    } finally {
      this.isSaving = false;
    }
    if (this.kept === now && this.typed === now) return true;
    this.soon(this.kept === now ? PAUSE : PATIENCE[Math.min(this.tries++, PATIENCE.length - 1)]);
    return false;
  }

  fields({ photo }) {
    const fields = new FormData(this.form);
    if (!photo) fields.delete("photo");
    return fields;
  }

  submitted(event) {
    event.preventDefault();
    if (this.isSending) return;
    if (event.submitter?.hasAttribute("data-leave")) this.goOnLater();
    else this.send();
  }

  async goOnLater() {
    if (await this.save()) this.leave(this.form.dataset.later);
  }

  // Until there is an answer. While it is on its way the fields rest, so that what arrives is what stands here.
  async send() {
    if (this.photo.files[0]?.size > MOST_PHOTO) {
      this.says("This photo is larger than 25 MB. Please choose a smaller copy, or send without it.", "watch");
      this.offerWithout();
      return;
    }
    clearTimeout(this.timer);
    this.rest(true);
    this.says("Sending …");
    for (let tried = 0; this.isSending; tried += 1) {
      try {
        const time = this.photo.files.length ? TOO_LONG * 10 : TOO_LONG;
        const answer = await post(this.form.action, this.fields({ photo: true }), time);
        if (answer.to) return this.leave(answer.to);
        this.rest(false);
        if (answer.page) return this.shows(answer.page);
        return this.says(answer.sentence, "watch");
      } catch {
        this.says(UNSENT, "watch");
        if (this.photo.files.length) this.offerWithout();
        await aWhile(PATIENCE[Math.min(tried, PATIENCE.length - 1)]);
      }
    }
  }

  rest(isSending) {
    this.isSending = isSending;
    this.form.setAttribute("aria-busy", isSending);
    for (const part of this.form.querySelectorAll(".field, .choices, .flags-groups")) part.inert = isSending;
  }

  // A photo may be too heavy for a weak connection; the words must not wait for it.
  offerWithout() {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: "Send without the photo" });
    button.dataset.kind = "secondary";
    button.addEventListener("click", () => {
      this.photo.value = "";
      button.remove();
      if (!this.isSending) this.send();
    });
    this.line.append(button);
  }

  leave(address) {
    this.isLeaving = true;
    location.assign(address);
  }

  // A mistake: the same page with sentences beside the fields. A file that was chosen stays chosen.
  shows(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const [main, photo] = [fresh.querySelector("main"), this.photo];
    fresh.querySelector("[name=photo]").replaceWith(photo);
    document.querySelector("main").replaceWith(main);
    begin(main);
    main.querySelector("[data-problems]")?.focus();
  }
}

// What the server says: {to} a page, {saved} a time, {page} the form with its mistakes, or a {sentence}. Throws when there is no answer.
async function post(address, body, time) {
  const answer = await fetch(address, { method: "POST", body, headers: { accept: "application/json" }, signal: AbortSignal.timeout(time) });
  if (answer.redirected) return new URL(answer.url).pathname === "/sign-in" ? { sentence: SIGNED_OUT } : { to: answer.url };
  if (answer.status >= 500 || answer.status === 429) throw new Away();
  if (answer.ok) return answer.json();
  if (answer.status === 422) return { page: await answer.text() };
  const title = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main .lead");
  return { sentence: title?.textContent ?? "This was not accepted. Nothing on this page is lost; please call us if it matters." };
}

// Until so much time has passed; a network that comes back ends the wait.
function aWhile(milliseconds) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener("online", end);
  });
}

function begin(root) {
  const form = root.querySelector("[data-report]");
  page = form ? new Report(form) : null;
}

const saveWhatIsNew = () => page && page.typed > page.kept && page.save();
window.addEventListener("online", saveWhatIsNew);
document.addEventListener("visibilitychange", () => document.hidden && saveWhatIsNew()); // a phone may end a page it hides
window.addEventListener("beforeunload", (event) => {
  if (page && !page.isLeaving && (page.isSending || page.typed > page.kept)) event.preventDefault();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload()); // came back: what was sent is not here any more
begin(document);
