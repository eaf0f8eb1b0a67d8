// Rows of decoded images: from z along each of the dimensions with the largest KL.

const WALKS = 8;
const STEPS = Array.from({ length: 13 }, (_, at) => (at - 6) / 2); // -3 to 3

function makeWalks() {
  const walks = space.dims.slice(0, WALKS).map((dim) => {
    const row = document.createElement("div");
    const canvas = document.createElement("canvas");
    row.className = "walk";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `A walk along z_${dim + 1}`);
    canvas.addEventListener("click", (event) => {
      const tile = Math.floor((event.offsetX / canvas.clientWidth) * STEPS.length);
      set({ z: state.z.with(dim, STEPS[Math.min(tile, STEPS.length - 1)]) });
    });
    row.append(`z_${dim + 1}`, canvas);
    return { dim, row, canvas };
  });
  document.getElementById("walks").replaceChildren(...walks.map(({ row }) => row));
  return () => {
    for (const { dim, canvas } of walks) {
      const zs = new Float32Array(STEPS.length * latentDim);
      STEPS.forEach((step, at) => zs.set(state.z.with(dim, step), at * latentDim));
      paint(canvas, decode(zs), STEPS.length);
    }
  };
}
