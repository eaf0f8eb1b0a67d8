// The counts of what the classifier took images for: they become buttons, which show their images and their points.

import { byId, element } from "./elements.js";
import { showThumbs } from "./images.js";
import { set } from "./page_state.js";
import { run, space } from "./run_data.js";

const CELL_IMAGES = 60;

export function makeCells() {
  for (const cell of document.querySelectorAll("#confusion td[data-actual]")) {
    const count = cell.textContent;
    if (count === "0") continue;
    const [actual, predicted] = [cell.dataset.actual, cell.dataset.predicted].map(Number);
    const title = `${run.classes[actual]} taken for ${run.classes[predicted]}`;
    const labels = { "aria-pressed": false, "aria-label": `${count} times ${title}` };
    const button = element("button", { type: "button", ...labels }, count);
    button.addEventListener("click", () => pressCell(button, actual, predicted, title));
    cell.replaceChildren(button);
  }
  byId("clear-cell").addEventListener("click", () => releaseCell());
}

function pressCell(button, actual, predicted, title) {
  releaseCell();
  button.setAttribute("aria-pressed", "true");
  const places = [];
  for (let place = 0; place < space.count; place++) {
    if (space.labels[place] === actual && space.predicted[place] === predicted) places.push(place);
  }
  const shown = places.slice(0, CELL_IMAGES);
  showThumbs(byId("cell-images"), shown);
  const some = shown.length < places.length ? `, ${shown.length} of them here` : "";
  byId("cell-text").textContent = `${title}: ${places.length} of this page's images${some}.`;
  byId("clear-cell").disabled = false;
  set({ focus: new Set(places) });
}

function releaseCell() {
  document.querySelector("#confusion [aria-pressed=true]")?.setAttribute("aria-pressed", "false");
  byId("cell-images").replaceChildren();
  byId("cell-text").textContent = "";
  byId("clear-cell").disabled = true;
  set({ focus: null });
}
