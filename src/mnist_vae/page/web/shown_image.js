// The image at hand: a test image or a drawing, its reconstruction, its nats, q(z|x).

import { rank } from "./colours.js";
import { byId } from "./elements.js";
import { paint, picture, wipe } from "./images.js";
import { decode, encode, estimateNats, gauss, klNats } from "./network.js";
import { set, state } from "./page_state.js";
import { latentDim, nameOf, run, space } from "./run_data.js";

export function showImage(place) {
  const pixels = picture(place);
  const code = encode(pixels);
  set({ shown: { place, pixels, ...code, nats: space.nats[place] }, z: code.mean });
}

export function showDrawing(pixels) {
  const code = encode(pixels);
  const nats = estimateNats(pixels, code);
  set({ shown: { place: -1, pixels, ...code, nats }, z: code.mean });
}

export function drawDecoded() {
  const canvas = byId("decoded");
  paint(canvas, decode(state.z));
  const numbers = Array.from(state.z.slice(0, 64), (value) => value.toFixed(2));
  byId("z-text").textContent = `z = (${numbers.join(", ")})`;
  canvas.setAttribute("aria-label", `The image decoded from z = ${numbers.join(", ")}`);
}

export function drawShownImage() {
  const { shown } = state;
  drawPair("card", shown, shown ? "The image" : "No image yet");
  byId("sample-code").disabled = !shown;
  byId("card-text").textContent = shown ? describeShown(shown) : NO_IMAGE;
}

// An encoded image, or none, beside its reconstruction.
export function drawPair(name, encoded, title) {
  const [image, decoded] = [byId(`${name}-image`), byId(`${name}-decoded`)];
  image.setAttribute("aria-label", title);
  decoded.setAttribute("aria-label", encoded ? "Its reconstruction" : "No reconstruction yet");
  if (encoded) {
    paint(image, encoded.pixels);
    paint(decoded, decode(encoded.mean));
  } else [image, decoded].forEach(wipe);
}

const OTHERWISE = run.drawable ? "draw an image" : "take a random test image";
const NO_IMAGE = `Click a point or ${OTHERWISE}: it appears here, above its reconstruction.`;

export function describeShown({ place, nats, mean, logVar }) {
  const kl = klNats(mean, logVar);
  const stands = `${nats.toFixed(1)} nats (recon ${(nats - kl).toFixed(1)} + KL ${kl.toFixed(1)}), a larger loss than that of ${Math.floor(100 * rank(nats))} % of the test images.`;
  if (place < 0) return `Your drawing: ${stands}`;
  const taken = run.classes[space.predicted[place]];
  const said = taken === nameOf(place) ? "recognised" : `taken for ${taken}`;
  return `Test image ${space.index[place]}: ${run.noun} ${nameOf(place)}, ${said}. ${stands}`;
}

export function listenToButtons() {
  const on = (id, call) => byId(id).addEventListener("click", call);
  on("sample-prior", () => set({ z: Float32Array.from({ length: latentDim }, gauss) }));
  on("sample-code", () => {
    const { mean, logVar } = state.shown;
    set({ z: mean.map((m, dim) => m + Math.exp(0.5 * logVar[dim]) * gauss()) });
  });
  on("any-image", () => showImage(Math.floor(Math.random() * space.count)));
}
