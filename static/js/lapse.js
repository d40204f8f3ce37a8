// The time-lapse: the aligned photos of one view one after the other. It never starts by itself, waits for a picture
// that is still on its way, and steps without a fade where motion is not wanted (css/base.css sees to that).
for (const root of document.querySelectorAll("[data-lapse]")) lapse(root);

function lapse(root) {
  const pictures = [...root.querySelectorAll("[data-shot]")];
  const range = root.querySelector("[data-at]");
  const word = root.querySelector("[data-play-word]");
  const when = root.querySelector("[data-when]");
  const speed = root.querySelector("[data-speed]");
  let timer = null;

  function show(at) {
    const number = Math.min(Math.max(at, 0), pictures.length - 1);
    for (const [n, picture] of pictures.entries()) {
      picture.hidden = n > number || n < number - 1;
      picture.toggleAttribute("data-new", n === number);
    }
    const next = pictures[number + 1];
    if (next) next.loading = "eager";
    range.value = number;
    when.textContent = `${number + 1} of ${pictures.length}: ${pictures[number].dataset.shot}`;
    range.setAttribute("aria-valuetext", when.textContent);
    for (const button of root.querySelectorAll("[data-step]")) {
      button.disabled = number + Number(button.dataset.step) < 0 || number + Number(button.dataset.step) >= pictures.length;
    }
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    root.removeAttribute("data-playing");
    word.textContent = "Play";
  }

  async function go() {
    const next = Number(range.value) + 1;
    if (next >= pictures.length) return stop();
    pictures[next].loading = "eager";
    await pictures[next].decode().catch(() => {});
    if (timer === null) return undefined;
    show(next);
    timer = setTimeout(go, Number(speed.value));
    return undefined;
  }

  function play() {
    if (Number(range.value) >= pictures.length - 1) show(0);
    root.dataset.playing = "yes";
    word.textContent = "Pause";
    timer = setTimeout(go, Number(speed.value));
  }

  root.querySelector("[data-play]").addEventListener("click", () => (timer === null ? play() : stop()));
  range.addEventListener("input", () => { stop(); show(Number(range.value)); });
  for (const button of root.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => { stop(); show(Number(range.value) + Number(button.dataset.step)); });
  }
  root.hidden = false;
  show(0);
}
