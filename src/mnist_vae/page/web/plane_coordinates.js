// From z to a place on the plane, from there to pixels of the canvas, and back.

import { plane, state } from "./page_state.js";
import { latentDim, space } from "./run_data.js";

export function toPlane(z) {
  const { origin, forward } = plane();
  return origin.map((start, row) =>
    z.reduce((sum, value, dim) => sum + forward[row * latentDim + dim] * value, start),
  );
}

// From `from` to a z that lies at `place`, the way that codes take: a slice through `from`.
export function toZ(place, from) {
  const here = toPlane(from);
  const [dx, dy] = [place[0] - here[0], place[1] - here[1]];
  const { back } = plane();
  return from.map((value, dim) => value + back[2 * dim] * dx + back[2 * dim + 1] * dy);
}

export function toCanvas([x, y], size) {
  const [[left, right], [bottom, top]] = plane().view;
  return [((x - left) / (right - left)) * size, ((top - y) / (top - bottom)) * size];
}

export function fromCanvas([x, y], size) {
  const [[left, right], [bottom, top]] = plane().view;
  return [left + (x / size) * (right - left), top - (y / size) * (top - bottom)];
}

// Where the point of a test image is on the canvas.
export function pointOf(place, size) {
  const { points } = plane();
  return toCanvas([points[2 * place], points[2 * place + 1]], size);
}

// The test image whose point is nearest to a place of the canvas, and how many pixels away.
export function nearestPoint(at, size) {
  let [best, least] = [-1, Infinity];
  for (let place = 0; place < space.count; place++) {
    if (state.focus && !state.focus.has(place)) continue;
    const [x, y] = pointOf(place, size);
    const distance = Math.hypot(x - at[0], y - at[1]);
    if (distance < least) [best, least] = [place, distance];
  }
  return { place: best, distance: least };
}
