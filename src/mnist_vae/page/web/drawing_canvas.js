// The canvas to draw on: white ink on nothing, to which explorer.css gives the page's colours.

import { asItIs, centred } from "./drawing_pixels.js";
import { byId } from "./elements.js";
import { picture, showFrames, showThumbs, wipe } from "./images.js";
import { describeNearest, nearestImages, NEIGHBOURS } from "./nearest_images.js";
import { set, state } from "./page_state.js";
import { line } from "./plane_overlay.js";
import { run, SIDE, space } from "./run_data.js";
import { describeShown, drawPair, showDrawing } from "./shown_image.js";

const BRUSH = 20; // pixels of the canvas; MNIST's strokes are about two of its own wide

let startedFromImage = false;
let encoding = false;

const inkContext = () => byId("drawing").getContext("2d", { willReadFrequently: true });

export function listenToDrawing() {
  const canvas = byId("drawing");
  let last = null;
  const at = (event) => {
    const { left, top, width } = canvas.getBoundingClientRect();
    const scale = canvas.width / width;
    return [(event.clientX - left) * scale, (event.clientY - top) * scale];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    stroke(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = at(event);
    stroke(last, here);
    last = here;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => (last = null));
  }
  byId("clear-drawing").addEventListener("click", clearDrawing);
  byId("copy-image").addEventListener("click", copyImage);
  describeDrawing(null, false);
}

function stroke(from, to) {
  const context = inkContext();
  const rub = byId("rub").checked;
  context.globalCompositeOperation = rub ? "destination-out" : "source-over";
  context.strokeStyle = "white";
  context.lineWidth = BRUSH;
  context.lineCap = "round";
  line(context, from, to);
  inkChanged();
}

function clearDrawing() {
  wipe(byId("drawing"));
  startedFromImage = false;
  inkChanged();
}

// The test image at hand, or any.
function copyImage() {
  const place =
    state.shown?.place >= 0 ? state.shown.place : Math.floor(Math.random() * space.count);
  const context = inkContext();
  const size = context.canvas.width / SIDE;
  wipe(context.canvas);
  context.globalCompositeOperation = "source-over";
  picture(place).forEach((level, at) => {
    context.fillStyle = `rgb(255 255 255 / ${level})`;
    context.fillRect((at % SIDE) * size, Math.floor(at / SIDE) * size, size, size);
  });
  startedFromImage = true;
  inkChanged();
}

// Once a frame, however many strokes there are.
function inkChanged() {
  if (!encoding) requestAnimationFrame(encodeInk);
  encoding = true;
}

function encodeInk() {
  encoding = false;
  const { width } = byId("drawing");
  const { data } = inkContext().getImageData(0, 0, width, width);
  const levels = Float32Array.from({ length: width ** 2 }, (_, at) => data[4 * at + 3] / 255);
  const plain = startedFromImage || !run.digits;
  let pixels = plain ? asItIs(levels, width) : centred(levels, width);
  if (pixels && run.blackAndWhite) pixels = pixels.map((level) => (level > 0.5 ? 1 : 0));
  if (pixels) showDrawing(pixels);
  else if (state.shown?.place === -1) set({ shown: null });
  describeDrawing(pixels, plain);
}

function describeDrawing(pixels, plain) {
  const drawn = pixels && state.shown;
  const thumbs = byId("drawing-neighbours");
  drawPair("drawn", drawn, drawn ? "Your drawing, in 28 by 28 pixels" : "No drawing yet");
  if (!drawn) {
    showFrames(thumbs, Math.min(NEIGHBOURS, space.count));
    byId("drawing-text").textContent = "Nothing is drawn yet.";
    return;
  }
  const nearest = nearestImages(NEIGHBOURS);
  const made = plain ? "Taken as it is" : "Scaled and centred as MNIST's digits are";
  const split = run.blackAndWhite ? ", in black and white" : "";
  const text = `${describeShown(drawn)} ${describeNearest(nearest)} ${made}${split}.`;
  byId("drawing-text").textContent = text;
  showThumbs(thumbs, nearest);
}
