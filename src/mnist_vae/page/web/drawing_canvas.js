// The canvas to draw on: white ink on nothing, to which explorer.css gives the page's colours.

import { asItIs, centred } from "./drawing_pixels.js";
import { byId } from "./elements.js";
import { picture, showThumbs, wipe } from "./images.js";
import { describeNearest, nearestImages, NEIGHBOURS } from "./nearest_images.js";
import { set, state } from "./page_state.js";
import { line } from "./plane_overlay.js";
import { HEIGHT, run, space, WIDTH } from "./run_data.js";
import { describeShown, drawPair, showDrawing } from "./shown_image.js";

const LONGEST_SIDE = 280; // pixels of the canvas, at most
const ZOOM = Math.floor(LONGEST_SIDE / Math.max(HEIGHT, WIDTH)); // of them, to one of an image
// MNIST's strokes are about two of its own pixels wide
const BRUSH = Math.max(ZOOM, (Math.max(HEIGHT, WIDTH) * ZOOM) / 14);

let startedFromImage = false;
let encoding = false;

const inkContext = () => byId("drawing").getContext("2d", { willReadFrequently: true });

export function listenToDrawing() {
  const canvas = byId("drawing");
  [canvas.width, canvas.height] = [WIDTH * ZOOM, HEIGHT * ZOOM];
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
  wipe(context.canvas);
  context.globalCompositeOperation = "source-over";
  picture(place).forEach((level, at) => {
    context.fillStyle = `rgb(255 255 255 / ${level})`;
    const [column, row] = [at % WIDTH, Math.floor(at / WIDTH)];
    context.fillRect(column * ZOOM, row * ZOOM, ZOOM, ZOOM);
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
  const { width, height } = byId("drawing");
  const { data } = inkContext().getImageData(0, 0, width, height);
  const levels = Float32Array.from({ length: width * height }, (_, at) => data[4 * at + 3] / 255);
  const plain = startedFromImage || run.filled; // MNIST's leave their edges empty
  let pixels = plain ? asItIs(levels, width) : centred(levels, width);
  if (pixels && run.blackAndWhite) pixels = pixels.map((level) => (level > 0.5 ? 1 : 0));
  if (pixels) showDrawing(pixels);
  else if (state.shown?.place === -1) set({ shown: null });
  describeDrawing(pixels, plain);
}

function describeDrawing(pixels, plain) {
  const drawn = pixels && state.shown;
  byId("drawn").hidden = !drawn;
  if (!drawn) return;
  drawPair("drawn", drawn, `Your drawing, in ${WIDTH} by ${HEIGHT} pixels`);
  const nearest = nearestImages(NEIGHBOURS);
  const made = plain ? "Taken as it is" : "Scaled and centred as MNIST's digits are";
  const split = run.blackAndWhite ? ", in black and white" : "";
  const text = `${describeShown(drawn)} ${describeNearest(nearest)} ${made}${split}.`;
  byId("drawing-text").textContent = text;
  showThumbs(byId("drawing-neighbours"), nearest);
}
