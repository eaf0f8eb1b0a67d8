// What the page holds of its run: JSON in script elements, and arrays in base64 inside of it.

function island(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function bytes(text) {
  const binary = atob(text);
  const array = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) array[at] = binary.charCodeAt(at);
  return array;
}

const floats = (text) => new Float32Array(bytes(text).buffer);

const run = island("run-data");
const space = readSpace(island("space-data"));
const latentDim = run.params.latent_dim;
const SIDE = 28;
const PIXELS = SIDE * SIDE;

function readSpace(raw) {
  const labels = bytes(raw.labels);
  return {
    labels,
    count: labels.length,
    index: new Uint32Array(bytes(raw.index).buffer),
    predicted: bytes(raw.predicted),
    nats: floats(raw.nats),
    dims: raw.dims,
    codes: readCodes(raw.codes, raw.dims.length),
    planes: raw.planes.map((plane) => ({
      ...plane,
      forward: floats(plane.forward),
      back: floats(plane.back),
      points: floats(plane.points),
    })),
    pictures: raw.pictures,
    sortedNats: floats(raw.nats).sort(),
  };
}

function readCodes({ low, step, steps }, dims) {
  const [lows, sizes] = [floats(low), floats(step)];
  const whole = new Uint16Array(bytes(steps).buffer);
  return Float32Array.from(whole, (count, at) => lows[at % dims] + sizes[at % dims] * count);
}

// The place in the page's arrays of a test image, or -1.
function placeOf(index) {
  return space.index.indexOf(index);
}
