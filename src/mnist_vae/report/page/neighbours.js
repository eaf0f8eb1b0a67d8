// The test images whose z_mean is nearest to z, over the dimensions with sliders.

const NEIGHBOURS = 16;

function nearestImages(count) {
  const { dims, codes } = space;
  const here = dims.map((dim) => state.z[dim]);
  const distances = new Float32Array(space.count);
  for (let place = 0; place < space.count; place++) {
    let sum = 0;
    for (let d = 0; d < dims.length; d++) sum += (codes[place * dims.length + d] - here[d]) ** 2;
    distances[place] = sum;
  }
  const nearest = [];
  for (let place = 0; place < space.count; place++) {
    if (nearest.length === count && distances[place] >= distances[nearest.at(-1)]) continue;
    const at = nearest.findIndex((other) => distances[place] < distances[other]);
    nearest.splice(at < 0 ? nearest.length : at, 0, place);
    nearest.length = Math.min(nearest.length, count);
  }
  return nearest;
}

function drawNeighbours() {
  const nearest = nearestImages(NEIGHBOURS);
  showThumbs(document.getElementById("neighbours"), nearest);
  document.getElementById("nearest-text").textContent = describeNearest(nearest);
}

function describeNearest(nearest) {
  const counts = {};
  for (const place of nearest) counts[nameOf(place)] = (counts[nameOf(place)] ?? 0) + 1;
  const [[name, count]] = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return `${count} of the ${nearest.length} nearest test images have the label ${name}.`;
}
