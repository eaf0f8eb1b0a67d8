// The canvas to draw on. The ink lies in a canvas of its own, as white on nothing, whatever the
// colours of the page.

const INK_SIDE = 280;
const BRUSH = 20; // pixels of the canvas; MNIST's strokes are about two of its own wide

const ink = document.createElement("canvas");
ink.width = ink.height = INK_SIDE;
let startedFromImage = false;
let encoding = false;

function listenToDrawing() {
  const canvas = document.getElementById("drawing");
  let last = null;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = INK_SIDE / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
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
  document.getElementById("clear-drawing").addEventListener("click", clearDrawing);
  document.getElementById("copy-image").addEventListener("click", copyImage);
  showInk();
  describeDrawing(null, false);
}

function stroke(from, to) {
  const context = ink.getContext("2d", { willReadFrequently: true });
  const rub = document.getElementById("rub").checked;
  context.globalCompositeOperation = rub ? "destination-out" : "source-over";
  context.strokeStyle = "white";
  context.lineWidth = BRUSH;
  context.lineCap = "round";
  line(context, from, to);
  inkChanged();
}

function clearDrawing() {
  wipe(ink);
  startedFromImage = false;
  inkChanged();
}

// The test image at hand, or any.
function copyImage() {
  const place =
    state.shown?.place >= 0 ? state.shown.place : Math.floor(Math.random() * space.count);
  const context = ink.getContext("2d", { willReadFrequently: true });
  const size = INK_SIDE / SIDE;
  wipe(ink);
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
  showInk();
  const { data } = ink.getContext("2d").getImageData(0, 0, INK_SIDE, INK_SIDE);
  const levels = Float32Array.from({ length: INK_SIDE ** 2 }, (_, at) => data[4 * at + 3] / 255);
  const plain = startedFromImage || !run.digits;
  let pixels = plain ? asItIs(levels, INK_SIDE) : centred(levels, INK_SIDE);
  if (pixels && run.blackAndWhite) pixels = pixels.map((level) => (level > 0.5 ? 1 : 0));
  if (pixels) showDrawing(pixels);
  else if (state.shown?.place === -1) set({ shown: null });
  describeDrawing(pixels, plain);
}

function showInk() {
  const canvas = document.getElementById("drawing");
  const context = canvas.getContext("2d");
  wipe(canvas);
  context.drawImage(ink, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = theme.inkText;
  context.fillRect(0, 0, INK_SIDE, INK_SIDE);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = theme.paperText;
  context.fillRect(0, 0, INK_SIDE, INK_SIDE);
  context.globalCompositeOperation = "source-over";
}

function describeDrawing(pixels, plain) {
  const [image, decoded] = ["drawn-image", "drawn-decoded"].map((id) =>
    document.getElementById(id),
  );
  image.setAttribute("aria-label", pixels ? "Your drawing, in 28 by 28 pixels" : "No drawing yet");
  decoded.setAttribute("aria-label", pixels ? "Its reconstruction" : "No reconstruction yet");
  if (pixels) {
    paint(image, pixels);
    paint(decoded, decode(state.shown.mean));
  } else {
    wipe(image);
    wipe(decoded);
  }
  const nearest = pixels ? nearestImages(NEIGHBOURS) : [];
  const thumbs = document.getElementById("drawing-neighbours");
  if (pixels) showThumbs(thumbs, nearest);
  else showFrames(thumbs, Math.min(NEIGHBOURS, space.count));
  const made = plain ? "Taken as it is" : "Scaled and centred as MNIST's digits are";
  const split = run.blackAndWhite ? ", in black and white" : "";
  document.getElementById("drawing-text").textContent = pixels
    ? `${describeShown(state.shown)} ${describeNearest(nearest)} ${made}${split}.`
    : "Nothing is drawn yet.";
}
