// What needs the network: the latent space, drawing, sliders and walks.

import { readTheme, showLegend } from "./colours.js";
import { makeSliders, makeWalks } from "./dimensions.js";
import { listenToDrawing } from "./drawing_canvas.js";
import { byId } from "./elements.js";
import { drawInterpolation, listenToPins } from "./interpolation.js";
import { drawNeighbours } from "./nearest_images.js";
import { restoreState, scheduleLink } from "./page_address.js";
import { listen, set, state } from "./page_state.js";
import { describePlane, drawBackdrop, drawPoints, followBackdrop } from "./plane_background.js";
import { drawOverlay } from "./plane_overlay.js";
import { listenToPlane } from "./plane_pointer.js";
import { run, space } from "./run_data.js";
import { drawDecoded, drawShownImage, listenToButtons } from "./shown_image.js";

export function explore() {
  makeChoices();
  listenToPlane();
  listenToButtons();
  listenToPins();
  if (run.drawable) listenToDrawing();
  listen("z", drawDecoded);
  listen("z", drawNeighbours);
  listen("z", makeSliders());
  listen("z", makeWalks());
  listen("z", followBackdrop);
  listen("z shown pins plane hovered", drawOverlay);
  listen("shown", drawShownImage);
  listen("pins", drawInterpolation);
  listen("plane colour focus backdrop", drawPoints);
  listen("plane backdrop", drawBackdrop);
  listen("plane", describePlane);
  listen("colour", showLegend);
  listen("z shown plane colour", scheduleLink);
  listen("plane colour backdrop", showChoices);
  addEventListener("hashchange", restoreState);
  new ResizeObserver(redrawPlane).observe(byId("plane"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  set({ ...state });
  restoreState();
}

function makeChoices() {
  const planes = byId("plane-choice");
  space.planes.forEach((own, at) => {
    planes.add(new Option(own.basis.split(":")[0] || own.axes.join(" and "), at));
  });
  planes.parentElement.hidden = space.planes.length < 2;
  onChange(planes, () => set({ plane: Number(planes.value) }));
  onChange(byId("colour-choice"), (choice) => set({ colour: choice.value }));
  onChange(byId("backdrop-choice"), (choice) => set({ backdrop: choice.checked }));
}

function onChange(choice, call) {
  choice.addEventListener("change", () => call(choice));
}

function showChoices() {
  byId("plane-choice").value = state.plane;
  byId("colour-choice").value = state.colour;
  byId("backdrop-choice").checked = state.backdrop;
}

function redrawPlane() {
  drawPoints();
  drawOverlay();
}

function redraw() {
  readTheme();
  set({ ...state });
}
