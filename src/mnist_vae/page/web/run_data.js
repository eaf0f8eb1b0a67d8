// What the page holds of its run: JSON in script elements, and arrays in base64 inside of it.

import { byId } from "./elements.js";

export const run = embedded("run-data");
export const space = readSpace(embedded("space-data"));
export const network = readNetwork(embedded("network-data")); // null: the page cannot compute it
export const latentDim = run.params.latent_dim;
export const CHANNELS = run.shape[0];
export const HEIGHT = run.shape[1];
export const WIDTH = run.shape[2];
export const PIXELS = HEIGHT * WIDTH;
export const VALUES = CHANNELS * PIXELS; // of an image, which is a list of them, channels first

export const nameOf = (place) => run.classes[space.labels[place]];

// The place in the page's arrays of a test image, or -1.
export const placeOf = (index) => space.index.indexOf(index);

function embedded(id) {
  return JSON.parse(byId(id).textContent);
}

function bytes(text) {
  const binary = atob(text);
  const array = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) array[at] = binary.charCodeAt(at);
  return array;
}

function floats(text) {
  return new Float32Array(bytes(text).buffer);
}

function readSpace(raw) {
  const labels = readLabels(raw.labels);
  return {
    labels,
    count: labels.length,
    index: new Uint32Array(bytes(raw.index).buffer),
    predicted: readLabels(raw.predicted),
    pixelsPredicted: readLabels(raw.pixelsPredicted),
    nats: floats(raw.nats),
    dims: raw.dims,
    codes: readCodes(raw.codes, raw.dims.length),
    planes: raw.planes.map((own) => ({
      ...own,
      forward: floats(own.forward),
      back: floats(own.back),
      points: floats(own.points),
    })),
    pictures: raw.pictures,
    sortedNats: floats(raw.nats).sort(),
  };
}

// A byte holds 256 classes.
function readLabels(text) {
  const read = bytes(text);
  return run.classes.length > 256 ? new Uint16Array(read.buffer) : read;
}

function readCodes({ low, step, steps }, dims) {
  const [lows, sizes] = [floats(low), floats(step)];
  const whole = new Uint16Array(bytes(steps).buffer);
  return Float32Array.from(whole, (count, at) => lows[at % dims] + sizes[at % dims] * count);
}

function readNetwork(raw) {
  return raw && { steps: raw.steps, weights: floats(raw.weights) };
}
