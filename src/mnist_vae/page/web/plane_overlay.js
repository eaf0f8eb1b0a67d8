// What moves on the plane: z, the ellipse of q(z|x), the pins, the point under the pointer.

import { pointColour, theme } from "./colours.js";
import { byId } from "./elements.js";
import { paint, picture } from "./images.js";
import { plane, state } from "./page_state.js";
import { fitCanvas } from "./plane_background.js";
import { pointOf, toCanvas, toPlane } from "./plane_coordinates.js";
import { latentDim, run } from "./run_data.js";

export function drawOverlay() {
  const { context, size } = fitCanvas(byId("overlay"));
  drawPins(context, size);
  drawMarker(context, size);
  if (state.shown) drawEllipse(context, size, state.shown); // often smaller than the marker
  if (state.hovered >= 0) drawHovered(context, size, state.hovered);
}

// Where z is.
function drawMarker(context, size) {
  const [x, y] = toCanvas(toPlane(state.z), size);
  context.lineWidth = 2;
  context.strokeStyle = theme.inkText;
  if (plane().classes) {
    line(context, [x, 0], [x, size]);
    return;
  }
  // Outside of what is shown, a dashed ring at the edge.
  const inside = [x, y].map((at) => Math.min(Math.max(at, 10), size - 10));
  if (inside[0] !== x || inside[1] !== y) context.setLineDash([3, 3]);
  else ring(context, x, y, 7, theme.paperText, 5);
  ring(context, ...inside, 7, theme.inkText, 2);
  context.setLineDash([]);
}

function ring(context, x, y, radius, colour, width) {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

export function line(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

// Two standard deviations of q(z|x), as the plane shows them.
function drawEllipse(context, size, { mean, logVar }) {
  const { forward, classes } = plane();
  const spread = logVar.map((value) => Math.exp(0.5 * value));
  const rows = [0, 1].map((row) => spread.map((s, dim) => s * forward[row * latentDim + dim]));
  const dot = (a, b) => a.reduce((sum, value, dim) => sum + value * b[dim], 0);
  const [xx, xy, yy] = [dot(rows[0], rows[0]), dot(rows[0], rows[1]), dot(rows[1], rows[1])];
  const centre = toPlane(mean);
  context.lineWidth = 2;
  context.strokeStyle = theme.secondText;
  context.fillStyle = theme.secondText;
  context.beginPath();
  if (classes) {
    const [left, right] = [-2, 2].map((n) => toCanvas([centre[0] + n * Math.sqrt(xx), 0], size)[0]);
    context.rect(left, 0, right - left, size);
  } else {
    // The Cholesky factor of the covariance turns a circle into the ellipse.
    const a = Math.sqrt(Math.max(xx, 1e-12));
    const c = Math.sqrt(Math.max(yy - (xy / a) ** 2, 0));
    for (let step = 0; step <= 60; step++) {
      const [u, v] = [2 * Math.cos((step * Math.PI) / 30), 2 * Math.sin((step * Math.PI) / 30)];
      context.lineTo(...toCanvas([centre[0] + a * u, centre[1] + (xy / a) * u + c * v], size));
    }
  }
  context.stroke();
  context.globalAlpha = 0.1;
  context.fill();
  context.globalAlpha = 1;
}

function drawPins(context, size) {
  const places = state.pins.map((pin) => pin && toCanvas(toPlane(pin), size));
  context.strokeStyle = theme.accentText;
  context.lineWidth = 2;
  if (places[0] && places[1] && !plane().classes) line(context, ...places);
  places.forEach((place, number) => {
    if (!place) return;
    const [x, y] = plane().classes ? [place[0], 40 + 20 * number] : place;
    context.fillStyle = theme.accentText;
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = theme.paperText;
    context.font = "bold 12px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText("AB"[number], x, y + 4);
  });
}

// The image of the point under the pointer, beside it.
function drawHovered(context, size, place) {
  const [x, y] = pointOf(place, size);
  const [width, height] = run.proportions.map((sides) => 84 * sides);
  const left = x + width + 16 > size ? x - width - 12 : x + 12;
  const top = Math.min(Math.max(y - height / 2, 4), size - height - 4);
  const tile = document.createElement("canvas");
  paint(tile, picture(place));
  context.imageSmoothingEnabled = false;
  context.drawImage(tile, left, top, width, height);
  context.lineWidth = 2;
  context.strokeStyle = pointColour(place);
  context.strokeRect(left, top, width, height);
  ring(context, x, y, 4, theme.inkText, 2);
}
