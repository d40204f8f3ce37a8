// The week of the waiting list: each heading ticks, or clears, its whole row or column. Without this script every box is there.
for (const week of document.querySelectorAll("[data-week]")) {
  for (const heading of week.querySelectorAll("[data-all]")) {
    const words = heading.querySelector("[data-press]");
    const press = document.createElement("button");
    press.type = "button";
    press.className = "week-press";
    press.textContent = words.textContent;
    press.title = `Tick or clear every box of ${words.textContent.toLowerCase()}`;
    words.replaceWith(press);
    const inside = (box) => box.value.includes(heading.dataset.all);
    press.addEventListener("click", () => {
      const boxes = [...week.querySelectorAll("input[name=cells]")].filter(inside);
      const every = boxes.every((box) => box.checked);
      for (const box of boxes) box.checked = !every;
    });
  }
}
