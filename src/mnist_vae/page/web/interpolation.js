// Two pinned points, and the straight way from one to the other.

import { byId } from "./elements.js";
import { GAP, paint, widthOf } from "./images.js";
import { decode } from "./network.js";
import { set, state } from "./page_state.js";
import { HEIGHT, latentDim } from "./run_data.js";

const STOPS = 9;

export function listenToPins() {
  const strip = byId("between-strip");
  [strip.width, strip.height] = [widthOf(STOPS, GAP), HEIGHT];
  ["pin-a", "pin-b"].forEach((id, number) => {
    byId(id).addEventListener("click", () => {
      set({ pins: state.pins.with(number, state.z.slice()) });
    });
  });
  const slider = byId("between");
  slider.addEventListener("input", () => set({ z: between(Number(slider.value)) }));
}

function between(share) {
  const [a, b] = state.pins;
  return a.map((value, dim) => (1 - share) * value + share * b[dim]);
}

export function drawInterpolation() {
  const strip = byId("between-strip");
  const ready = state.pins.every(Boolean);
  byId("between").disabled = !ready;
  if (!ready) return;
  const zs = new Float32Array(STOPS * latentDim);
  for (let stop = 0; stop < STOPS; stop++) zs.set(between(stop / (STOPS - 1)), stop * latentDim);
  paint(strip, decode(zs), GAP);
  strip.setAttribute("aria-label", `${STOPS} images decoded on the way from A to B`);
}
