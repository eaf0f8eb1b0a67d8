// The test images whose z_mean is nearest to z, over the dimensions with sliders.

import { byId } from "./elements.js";
import { showThumbs } from "./images.js";
import { state } from "./page_state.js";
import { nameOf, space } from "./run_data.js";

export const NEIGHBOURS = 16;

export function nearestImages(count) {
  const { dims, codes } = space;
  const here = dims.map((dim) => state.z[dim]);
  const distances = new Float32Array(space.count);
  for (let place = 0; place < space.count; place++) {
    let sum = 0;
    for (let d = 0; d < dims.length; d++) sum += (codes[place * dims.length + d] - here[d]) ** 2;
    distances[place] = sum;
  }
  const furthest = distances.toSorted()[Math.min(count, space.count) - 1];
  const near = [...distances.keys()].filter((place) => distances[place] <= furthest);
  return near.sort((a, b) => distances[a] - distances[b]).slice(0, count);
}

export function drawNeighbours() {
  const nearest = nearestImages(NEIGHBOURS);
  showThumbs(byId("neighbours"), nearest);
  byId("nearest-text").textContent = describeNearest(nearest);
}

export function describeNearest(nearest) {
  const counts = Object.create(null); // a class may have any name
  for (const place of nearest) counts[nameOf(place)] = (counts[nameOf(place)] ?? 0) + 1;
  const [[name, count]] = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return `${count} of the ${nearest.length} nearest test images have the label ${name}.`;
}
