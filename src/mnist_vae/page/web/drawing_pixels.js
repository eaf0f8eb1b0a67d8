// A drawing as MNIST has its digits: scaled to fit 20 x 20 of 28 x 28 pixels, then laid with its
// centre of mass in the middle; LeCun, Bottou, Bengio & Haffner 1998. Of images of another size, to
// fit the same shares of height and width.

import { HEIGHT, PIXELS, WIDTH } from "./run_data.js";

const BOX = 20 / 28;

// `ink` holds levels from 0 to 1 of a canvas so many pixels wide. Returns PIXELS levels, or null if
// there is no ink.
export function centred(ink, width) {
  let [left, top, right, bottom] = [width, ink.length / width, 0, 0];
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < ink.length; at++) {
    const [column, row] = [at % width, Math.floor(at / width)];
    mass += ink[at];
    x += ink[at] * (column + 0.5);
    y += ink[at] * (row + 0.5);
    if (ink[at] < 0.1) continue;
    [left, right] = [Math.min(left, column), Math.max(right, column + 1)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)];
  }
  if (left >= right) return null;
  const scale = Math.max((right - left) / (BOX * WIDTH), (bottom - top) / (BOX * HEIGHT));
  const corner = [x / mass - (WIDTH / 2) * scale, y / mass - (HEIGHT / 2) * scale];
  return sampled(ink, width, corner, scale);
}

// The same without scaling and centring: the whole drawing.
export function asItIs(ink, width) {
  return ink.some((level) => level > 0) ? sampled(ink, width, [0, 0], width / WIDTH) : null;
}

// A level for each pixel of an image: a mean over a square of `scale` pixels of the canvas. The
// first one's corner is left, top.
function sampled(ink, width, [left, top], scale) {
  const height = ink.length / width;
  const parts = Math.max(2, Math.ceil(scale));
  const levels = new Float32Array(PIXELS);
  for (let at = 0; at < PIXELS; at++) {
    let sum = 0;
    for (let part = 0; part < parts * parts; part++) {
      const x = left + ((at % WIDTH) + ((part % parts) + 0.5) / parts) * scale;
      const y = top + (Math.floor(at / WIDTH) + (Math.floor(part / parts) + 0.5) / parts) * scale;
      const inside = x >= 0 && y >= 0 && x < width && y < height;
      if (inside) sum += ink[Math.floor(y) * width + Math.floor(x)];
    }
    levels[at] = sum / (parts * parts);
  }
  return levels;
}
