// The counts of what the classifier took images for: they become buttons, which show their images and their points.

import { byId, element } from "./elements.js";
import { showThumbs } from "./images.js";
import { set } from "./page_state.js";
import { run, space } from "./run_data.js";

const CELL_IMAGES = 60;

const pressedCell = () => document.querySelector("#confusion [aria-pressed=true]");

export function makeCells() {
  for (const table of document.querySelectorAll("#confusion table")) {
    for (const cell of table.querySelectorAll("td[data-actual]")) {
      if (cell.textContent !== "0") makeCell(cell, space[table.dataset.by], table.dataset.on);
    }
  }
  byId("clear-cell").addEventListener("click", () => {
    const pressed = pressedCell();
    releaseCell();
    pressed.focus(); // for the button itself is hidden now
  });
}

// `answers` are what the table's classifier, which fits `on` something, took the images for.
function makeCell(cell, answers, on) {
  const count = cell.textContent;
  const [actual, predicted] = [cell.dataset.actual, cell.dataset.predicted].map(Number);
  const title = `${run.classes[actual]} taken for ${run.classes[predicted]} ${on}`;
  const labels = { "aria-pressed": false, "aria-label": `${count} times ${title}` };
  const button = element("button", { type: "button", ...labels }, count);
  button.addEventListener("click", () => {
    const places = [];
    for (let place = 0; place < space.count; place++) {
      if (space.labels[place] === actual && answers[place] === predicted) places.push(place);
    }
    pressCell(button, places, title);
  });
  cell.replaceChildren(button);
}

function pressCell(button, places, title) {
  releaseCell();
  button.setAttribute("aria-pressed", "true");
  button.closest("#confusion > div").append(byId("cell")); // below its own table
  byId("cell").hidden = false; // first, so that a screen reader hears the text
  const shown = places.slice(0, CELL_IMAGES);
  showThumbs(byId("cell-images"), shown);
  const some = shown.length < places.length ? `, ${shown.length} of them here` : "";
  byId("cell-text").textContent = `${title}: ${places.length} of this page's images${some}.`;
  set({ focus: new Set(places) });
}

function releaseCell() {
  pressedCell()?.setAttribute("aria-pressed", "false");
  byId("cell").hidden = true;
  set({ focus: null });
}
