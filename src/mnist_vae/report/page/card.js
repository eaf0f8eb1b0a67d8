// The image at hand: a test image or a drawing, its reconstruction, its nats, q(z|x).

function showImage(place) {
  const pixels = picture(place);
  const code = encode(pixels);
  set({ shown: { place, pixels, ...code, nats: space.nats[place] }, z: code.mean });
}

function showDrawing(pixels) {
  const code = encode(pixels);
  const nats = estimateNats(pixels, code);
  set({ shown: { place: -1, pixels, ...code, nats }, z: code.mean });
}

function drawDecoded() {
  const canvas = document.getElementById("decoded");
  paint(canvas, decode(state.z));
  const numbers = Array.from(state.z.slice(0, 64), (value) => value.toFixed(2));
  document.getElementById("z-text").textContent = `z = (${numbers.join(", ")})`;
  canvas.setAttribute("aria-label", `The image decoded from z = ${numbers.join(", ")}`);
}

function drawCard() {
  const { shown } = state;
  const [image, decoded] = ["card-image", "card-decoded"].map((id) => document.getElementById(id));
  document.getElementById("sample-code").disabled = !shown;
  document.getElementById("card-text").textContent = shown ? describeShown(shown) : NO_IMAGE;
  image.setAttribute("aria-label", shown ? "The image" : "No image yet");
  decoded.setAttribute("aria-label", shown ? "Its reconstruction" : "No reconstruction yet");
  if (shown) {
    paint(image, shown.pixels);
    paint(decoded, decode(shown.mean));
  } else {
    wipe(image);
    wipe(decoded);
  }
}

const NO_IMAGE = "Click a point or draw an image: it appears here, above its reconstruction.";

function describeShown({ place, nats, mean, logVar }) {
  const kl = klNats(mean, logVar);
  const stands = `${nats.toFixed(1)} nats (recon ${(nats - kl).toFixed(1)} + KL ${kl.toFixed(1)}), a larger loss than that of ${Math.floor(100 * rank(nats))} % of the test images.`;
  if (place < 0) return `Your drawing: ${stands}`;
  const taken = run.classes[space.predicted[place]];
  const said = taken === nameOf(place) ? "recognised" : `taken for ${taken}`;
  return `Test image ${space.index[place]}: ${run.noun} ${nameOf(place)}, ${said}. ${stands}`;
}

function listenToButtons() {
  const on = (id, call) => document.getElementById(id).addEventListener("click", call);
  on("sample-prior", () => set({ z: Float32Array.from({ length: latentDim }, gauss) }));
  on("sample-code", () => {
    const { mean, logVar } = state.shown;
    set({ z: mean.map((m, dim) => m + Math.exp(0.5 * logVar[dim]) * gauss()) });
  });
  on("any-image", () => showImage(Math.floor(Math.random() * space.count)));
}
