// A drawing as MNIST has its digits: scaled to fit 20 x 20 pixels, then laid with its centre of mass
// in the middle of 28 x 28; LeCun, Bottou, Bengio & Haffner 1998.

import { PIXELS, SIDE } from "./run_data.js";

const BOX = 20;

// `ink` holds side * side levels from 0 to 1. Returns 784 levels, or null if there is no ink.
export function centred(ink, side) {
  let [left, top, right, bottom] = [side, side, 0, 0];
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < ink.length; at++) {
    const [column, row] = [at % side, Math.floor(at / side)];
    mass += ink[at];
    x += ink[at] * (column + 0.5);
    y += ink[at] * (row + 0.5);
    if (ink[at] < 0.1) continue;
    [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
  }
  if (left >= right) return null;
  const scale = Math.max(right - left, bottom - top) / BOX;
  return sampled(ink, side, x / mass - (SIDE / 2) * scale, y / mass - (SIDE / 2) * scale, scale);
}

// The same without scaling and centring: the whole drawing.
export function asItIs(ink, side) {
  return ink.some((level) => level > 0) ? sampled(ink, side, 0, 0, side / SIDE) : null;
}

// 28 x 28 levels, each a mean over a square of `scale` pixels; the first one's corner is left, top.
function sampled(ink, side, left, top, scale) {
  const parts = Math.max(2, Math.ceil(scale));
  const levels = new Float32Array(PIXELS);
  for (let at = 0; at < PIXELS; at++) {
    let sum = 0;
    for (let part = 0; part < parts * parts; part++) {
      const x = left + ((at % SIDE) + ((part % parts) + 0.5) / parts) * scale;
      const y = top + (Math.floor(at / SIDE) + (Math.floor(part / parts) + 0.5) / parts) * scale;
      const inside = x >= 0 && y >= 0 && x < side && y < side;
      if (inside) sum += ink[Math.floor(y) * side + Math.floor(x)];
    }
    levels[at] = sum / (parts * parts);
  }
  return levels;
}
