// Decoded images behind the points: the plane's slice through z, a row of tiles at a time.

const TILES = 15; // along each side
let drawingBackdrop = 0; // the number of the latest drawing, which ends the ones before

function drawBackdrop() {
  const canvas = document.getElementById("backdrop");
  const number = ++drawingBackdrop;
  if (!state.backdrop) {
    wipe(canvas);
    return;
  }
  canvas.width = canvas.height = TILES * SIDE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const from = state.z;
  const drawRow = (row) => {
    if (number !== drawingBackdrop) return;
    const zs = new Float32Array(TILES * latentDim);
    for (let column = 0; column < TILES; column++) {
      zs.set(toZ(fromCanvas([column + 0.5, row + 0.5], TILES), from), column * latentDim);
    }
    context.putImageData(imageData(decode(zs), TILES), 0, row * SIDE);
    if (row + 1 < TILES) setTimeout(drawRow, 0, row + 1);
  };
  drawRow(0);
}

let backdropTimer = 0;

// Of two dimensions the plane shows all, wherever z is.
function followBackdrop() {
  if (!state.backdrop || latentDim <= 2) return;
  clearTimeout(backdropTimer);
  backdropTimer = setTimeout(drawBackdrop, 150);
}
