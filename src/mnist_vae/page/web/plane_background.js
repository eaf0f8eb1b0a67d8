// What lies below z on the plane: decoded images, and the test images as points, with the axes.

import { ticks } from "./charts.js";
import { pointColour, theme } from "./colours.js";
import { byId } from "./elements.js";
import { imageData, wipe } from "./images.js";
import { decode } from "./network.js";
import { plane, state } from "./page_state.js";
import { fromCanvas, pointOf, toCanvas, toZ } from "./plane_coordinates.js";
import { HEIGHT, latentDim, run, space, WIDTH } from "./run_data.js";

const TILES = tiles(15); // across and down
const ROW = 14; // pixels of the canvas that the name of a class needs
const LONGEST_NAME = 24; // letters
let backdropTimer = 0;
let drawingBackdrop = 0; // the number of the latest drawing, which ends the ones before

export function fitCanvas(canvas) {
  const size = canvas.parentElement.clientWidth;
  const scale = window.devicePixelRatio || 1;
  const pixels = Math.round(size * scale);
  if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, size, size);
  return { context, size };
}

export function drawPoints() {
  const { context, size } = fitCanvas(byId("points"));
  const radius = space.count > 3000 ? 1.1 : 1.8;
  context.globalAlpha = 0.65;
  for (let place = 0; place < space.count; place++) {
    if (state.focus?.has(place)) continue;
    const [x, y] = pointOf(place, size);
    context.fillStyle = state.focus ? theme.lineText : pointColour(place);
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  }
  context.globalAlpha = 1;
  for (const place of state.focus ?? []) {
    context.fillStyle = pointColour(place);
    context.beginPath();
    context.arc(...pointOf(place, size), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
  drawAxes(context, size);
}

function drawAxes(context, size) {
  const { axes, classes, view } = plane();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  for (const tick of ticks(view[0], 8)) {
    const [x] = toCanvas([tick, 0], size);
    if (x > 40 && x < size - 24) writeLabel(context, tick, x, size - 6, "center");
  }
  const rows = classes ? namedRows(size) : ticks(view[1], 8).map((tick) => [tick, tick]);
  for (const [value, name] of rows) {
    const [, y] = toCanvas([0, value], size);
    if (y > 24 && y < size - 24) writeLabel(context, name, 6, y + 4, "left");
  }
  writeLabel(context, axes[0], size - 6, size - 22, "right");
  writeLabel(context, axes[1], 6, 14, "left");
}

// The classes' places and names; of many, one in so many.
function namedRows(size) {
  const each = Math.ceil((ROW * run.classes.length) / size);
  const rows = [...run.classes.entries()].filter(([label]) => label % each === 0);
  return rows.map(([label, name]) => {
    return [label, name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name];
  });
}

function writeLabel(context, text, x, y, align) {
  context.textAlign = align;
  context.lineWidth = 3;
  context.strokeStyle = theme.paperText;
  context.fillStyle = theme.mutedText;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

export function describePlane() {
  const { basis, classes } = plane();
  let text = basis;
  if (latentDim > 2) {
    text += `. Its ${latentDim} dimensions do not fit on a plane: dragging moves z within the slice in which it lies, and the decoded images show that slice.`;
  } else if (classes) {
    text = `One dimension; the height of a point is its ${run.noun}.`;
  }
  byId("plane-note").textContent = text;
}

// About `many` tiles along each side of a square, which they fill without changing their shape.
function tiles(many) {
  const aspect = WIDTH / HEIGHT;
  const few = Math.max(1, Math.round(many * Math.sqrt(Math.min(aspect, 1 / aspect))));
  return aspect > 1 ? [few, Math.round(few * aspect)] : [Math.round(few / aspect), few];
}

// Decoded images: the plane's slice through z, a row of tiles at a time.
export function drawBackdrop() {
  const canvas = byId("backdrop");
  const number = ++drawingBackdrop;
  if (!state.backdrop) {
    wipe(canvas);
    return;
  }
  const [across, down] = TILES;
  [canvas.width, canvas.height] = [across * WIDTH, down * HEIGHT];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const from = state.z;
  const drawRow = (row) => {
    if (number !== drawingBackdrop) return;
    const zs = new Float32Array(across * latentDim);
    for (let column = 0; column < across; column++) {
      const place = fromCanvas([(column + 0.5) / across, (row + 0.5) / down], 1);
      zs.set(toZ(place, from), column * latentDim);
    }
    context.putImageData(imageData(decode(zs)), 0, row * HEIGHT);
    if (row + 1 < down) setTimeout(drawRow, 0, row + 1);
  };
  drawRow(0);
}

// Of two dimensions the plane shows all, wherever z is.
export function followBackdrop() {
  if (!state.backdrop || latentDim <= 2) return;
  clearTimeout(backdropTimer);
  backdropTimer = setTimeout(drawBackdrop, 150);
}
