// Each dimension by itself: a slider, and a row of images decoded along it, the largest KL first.

import { byId, element } from "./elements.js";
import { GAP, paint, widthOf } from "./images.js";
import { decode } from "./network.js";
import { set, state } from "./page_state.js";
import { HEIGHT, latentDim, run, space } from "./run_data.js";

const REACH_OF_SLIDER = 4;
const WALKS = 8;
const [QUICK, REST] = [60, 150]; // milliseconds
const STEPS = Array.from({ length: 13 }, (_, at) => (at - 6) / 2); // -3 to 3

// Returns what draws them anew.
export function makeSliders() {
  const sliders = space.dims.map((dim, at) => {
    const name = `z_${dim + 1}`;
    const slider = element("input", { type: "range", step: 0.01, "aria-label": name });
    const value = element("output", {});
    const row = element("label", {}, `${name} (KL ${run.kl[at].toFixed(2)} nats)`, value, slider);
    slider.addEventListener("input", () => set({ z: state.z.with(dim, Number(slider.value)) }));
    return { dim, row, slider, value };
  });
  byId("sliders").replaceChildren(...sliders.map(({ row }) => row));
  byId("sliders-note").textContent =
    latentDim > sliders.length
      ? `The ${sliders.length} of ${latentDim} dimensions with the largest KL.`
      : "The largest KL first.";
  return () => {
    for (const { dim, slider, value } of sliders) {
      const reach = Math.max(REACH_OF_SLIDER, Math.ceil(Math.abs(state.z[dim])));
      if (Number(slider.max) !== reach || !slider.min) [slider.min, slider.max] = [-reach, reach];
      slider.value = state.z[dim];
      value.textContent = state.z[dim].toFixed(2);
    }
  };
}

export function makeWalks() {
  const walks = space.dims.slice(0, WALKS).map((dim) => {
    const name = `z_${dim + 1}`;
    const size = { width: widthOf(STEPS.length, GAP), height: HEIGHT };
    const labels = { role: "img", "aria-label": `A walk along ${name}` };
    const canvas = element("canvas", { ...size, ...labels });
    const row = element("div", { class: "walk" }, name, canvas);
    canvas.addEventListener("click", (event) => {
      const tile = Math.floor((event.offsetX / canvas.clientWidth) * STEPS.length);
      set({ z: state.z.with(dim, STEPS[Math.min(tile, STEPS.length - 1)]) });
    });
    return { dim, row, canvas };
  });
  byId("walks").replaceChildren(...walks.map(({ row }) => row));
  return drawInTime(walks);
}

// All walks at once where that is quick. Of a large network or large images, one after the other,
// and only once z rests, so that it can be moved.
function drawInTime(walks) {
  let timer = 0;
  let slow = false;
  const drawFrom = (at) => {
    const start = performance.now();
    drawWalk(walks[at]);
    slow = (performance.now() - start) * walks.length > QUICK;
    if (at + 1 === walks.length) return;
    if (slow) timer = setTimeout(drawFrom, 0, at + 1);
    else drawFrom(at + 1);
  };
  return () => {
    clearTimeout(timer);
    if (slow) timer = setTimeout(drawFrom, REST, 0);
    else drawFrom(0);
  };
}

function drawWalk({ dim, canvas }) {
  const zs = new Float32Array(STEPS.length * latentDim);
  STEPS.forEach((step, at) => zs.set(state.z.with(dim, step), at * latentDim));
  paint(canvas, decode(zs), GAP);
}
