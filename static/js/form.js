// Forms: one send per press, and the list of problems comes first to the eye and the ear.
const send = (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  form.setAttribute("aria-busy", "true");
  setTimeout(rest, 15000); // an answer that is a download leaves the page where it is
};

const rest = () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    form.removeAttribute("aria-busy");
  }
};

document.addEventListener("submit", send);
window.addEventListener("pageshow", rest); // coming back with the back button
document.querySelector("[data-problems]")?.focus();

// While somebody writes, the sign-in stays awake: a long note must not be lost to the idle limit.
const AWAKE = 4 * 60 * 1000;
let awake = Date.now();
document.addEventListener("input", () => {
  if (!document.body.classList.contains("portal") || Date.now() - awake < AWAKE) return;
  awake = Date.now();
  fetch("/me/still-here", { cache: "no-store" }).catch(() => {});
});
