// The state in the page's address: #z=0.5,-1.2&i=42&p=0&c=nats. A link restores it.

import { byId } from "./elements.js";
import { set, state } from "./page_state.js";
import { latentDim, placeOf, space } from "./run_data.js";
import { showImage } from "./shown_image.js";

let ownLink = "";

function describeState() {
  const parts = [];
  const { shown } = state;
  if (shown && shown.place >= 0) parts.push(`i=${space.index[shown.place]}`);
  if (!shown || shown.place < 0 || shown.mean.some((value, dim) => value !== state.z[dim])) {
    parts.push(`z=${linkedDims().map((dim) => Number(state.z[dim].toFixed(3)))}`);
  }
  if (state.plane !== space.planes.length - 1) parts.push(`p=${state.plane}`);
  if (state.colour !== "label") parts.push(`c=${state.colour}`);
  return `#${parts.join("&")}`;
}

// Those with sliders, z_1 first; of more dimensions than that, the rest is 0.
function linkedDims() {
  return [...space.dims].sort((a, b) => a - b);
}

export function restoreState() {
  if (location.hash === ownLink || location.hash.length < 2) return;
  const given = new URLSearchParams(location.hash.slice(1));
  const values = {};
  // Not `length` or `__proto__`, which arrays have as well.
  if (/^\d+$/.test(given.get("p")) && space.planes[given.get("p")]) {
    values.plane = Number(given.get("p"));
  }
  if (["label", "nats", "predicted"].includes(given.get("c"))) values.colour = given.get("c");
  set(values);
  const place = given.has("i") ? placeOf(Number(given.get("i"))) : -1;
  if (place >= 0) showImage(place);
  const z = (given.get("z") ?? "").split(",").map((text) => Math.fround(Number(text)));
  const dims = linkedDims();
  if (z.length === dims.length && given.get("z") && z.every(Number.isFinite)) {
    const restored = new Float32Array(latentDim);
    dims.forEach((dim, at) => (restored[dim] = z[at]));
    set({ z: restored });
  } else if (given.has("z") || (given.has("i") && place < 0)) {
    complain("The link's point or test image is not one of this page's.");
  }
}

let linkTimer = 0;

// Browsers allow some hundred changes of the address a minute, and none in a sandboxed frame.
export function scheduleLink() {
  clearTimeout(linkTimer);
  linkTimer = setTimeout(() => {
    ownLink = describeState();
    try {
      history.replaceState(null, "", ownLink);
    } catch {
      ownLink = location.hash;
    }
  }, 200);
}

export function complain(text) {
  const problem = byId("problem");
  problem.textContent = text;
  problem.hidden = !text;
}
