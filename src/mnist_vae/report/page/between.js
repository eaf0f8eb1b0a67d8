// Two pinned points, and the straight way from one to the other.

const STOPS = 9;

function listenToPins() {
  ["pin-a", "pin-b"].forEach((id, number) => {
    document.getElementById(id).addEventListener("click", () => {
      set({ pins: state.pins.with(number, state.z.slice()) });
    });
  });
  const slider = document.getElementById("between");
  slider.addEventListener("input", () => set({ z: between(Number(slider.value)) }));
}

function between(share) {
  const [a, b] = state.pins;
  return a.map((value, dim) => (1 - share) * value + share * b[dim]);
}

function drawBetween() {
  const strip = document.getElementById("between-strip");
  const ready = state.pins.every(Boolean);
  document.getElementById("between").disabled = !ready;
  if (!ready) return;
  const zs = new Float32Array(STOPS * latentDim);
  for (let stop = 0; stop < STOPS; stop++) zs.set(between(stop / (STOPS - 1)), stop * latentDim);
  paint(strip, decode(zs), STOPS);
  strip.setAttribute("aria-label", `${STOPS} images decoded on the way from A to B`);
}
