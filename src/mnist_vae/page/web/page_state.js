// What the reader has chosen, and who wants to know when it changes.

import { latentDim, space } from "./run_data.js";

export const state = {
  z: new Float32Array(latentDim),
  shown: null, // an encoded image: {place or -1, pixels, mean, logVar, nats}
  plane: space.planes.length - 1, // the class-aware one, if there is one
  colour: "label",
  hovered: -1, // the place of the point under the mouse
  backdrop: false,
  focus: null, // places of the pressed cell's images
  pins: [null, null],
};
const listeners = {};
const changed = new Set();

// `names` are keys of the state. Listeners are called together, once a frame.
export function listen(names, call) {
  for (const name of names.split(" ")) (listeners[name] ??= []).push(call);
}

export function set(values) {
  Object.assign(state, values);
  if (changed.size === 0) requestAnimationFrame(tell);
  for (const name of Object.keys(values)) changed.add(name);
}

function tell() {
  const calls = new Set([...changed].flatMap((name) => listeners[name] ?? []));
  changed.clear();
  for (const call of calls) call();
}

export const plane = () => space.planes[state.plane];
