// Files dropped anywhere on the page are taken; a file dropped beside the box must not replace the page.

export function welcomeDrops(zone, take) {
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (much) => {
    depth = Math.max(0, depth + much);
    zone.toggleAttribute("data-over", depth > 0);
  };
  document.addEventListener("dragenter", (event) => hasFiles(event) && over(1));
  document.addEventListener("dragleave", (event) => hasFiles(event) && over(-1));
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(-depth);
    take([...event.dataTransfer.files]);
  });
}
