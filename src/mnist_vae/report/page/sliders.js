// A slider for each dimension, the largest KL first.

const REACH_OF_SLIDER = 4;

function makeSliders() {
  const sliders = space.dims.map((dim, at) => {
    const row = document.createElement("label");
    const slider = document.createElement("input");
    const value = document.createElement("output");
    row.append(`z_${dim + 1} (KL ${run.kl[at].toFixed(2)} nats)`, value, slider);
    Object.assign(slider, { type: "range", step: 0.01 });
    slider.setAttribute("aria-label", `z_${dim + 1}`);
    slider.addEventListener("input", () => set({ z: state.z.with(dim, Number(slider.value)) }));
    return { dim, row, slider, value };
  });
  document.getElementById("sliders").replaceChildren(...sliders.map(({ row }) => row));
  document.getElementById("sliders-note").textContent =
    latentDim > sliders.length
      ? `The ${sliders.length} of ${latentDim} dimensions with the largest KL.`
      : "The largest KL first.";
  return () => {
    for (const { dim, slider, value } of sliders) {
      const reach = Math.max(REACH_OF_SLIDER, Math.ceil(Math.abs(state.z[dim])));
      if (Number(slider.max) !== reach || !slider.min) [slider.min, slider.max] = [-reach, reach];
      slider.value = state.z[dim];
      value.textContent = state.z[dim].toFixed(2);
    }
  };
}
