// The confusion matrix: its cells become buttons, which show their images and their points.

const CELL_IMAGES = 60;

function makeCells() {
  const cells = document.querySelectorAll("#confusion td[data-actual]");
  for (const cell of cells) {
    if (cell.textContent === "0") continue;
    const button = document.createElement("button");
    const [actual, predicted] = [cell.dataset.actual, cell.dataset.predicted].map(Number);
    const title = `${run.classes[actual]} taken for ${run.classes[predicted]}`;
    button.type = "button";
    button.textContent = cell.textContent;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", `${cell.textContent} times ${title}`);
    button.addEventListener("click", () => pressCell(button, actual, predicted, title));
    cell.replaceChildren(button);
  }
  document.getElementById("clear-cell").addEventListener("click", () => releaseCell());
}

function pressCell(button, actual, predicted, title) {
  releaseCell();
  button.setAttribute("aria-pressed", "true");
  const places = [];
  for (let place = 0; place < space.count; place++) {
    if (space.labels[place] === actual && space.predicted[place] === predicted) places.push(place);
  }
  const shown = places.slice(0, CELL_IMAGES);
  showThumbs(document.getElementById("cell-images"), shown);
  const some = shown.length < places.length ? `, ${shown.length} of them here` : "";
  document.getElementById("cell-text").textContent =
    `${title}: ${places.length} of this page's images${some}.`;
  document.getElementById("clear-cell").disabled = false;
  set({ focus: new Set(places) });
}

function releaseCell() {
  document.querySelector("#confusion [aria-pressed=true]")?.setAttribute("aria-pressed", "false");
  document.getElementById("cell-images").replaceChildren();
  document.getElementById("cell-text").textContent = "";
  document.getElementById("clear-cell").disabled = true;
  set({ focus: null });
}
