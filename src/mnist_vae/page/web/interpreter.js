// Runs a program of page/programs.py: a list of steps [operation, values, settings], in which values
// are the numbers of earlier steps. A value is a number, a list, or a tensor.

import { ELEMENTWISE } from "./operations/elementwise.js";
import { LAYERS } from "./operations/layers.js";
import { SHAPES } from "./operations/shapes.js";
import { product, tensor } from "./operations/tensor.js";

export const OPERATIONS = {
  identity: (settings, x) => x,
  number: (settings) => settings.value,
  ...ELEMENTWISE,
  ...SHAPES,
  ...LAYERS,
};

// `inputs` are tensors in the order of the program's inputs; `weights` is the run's whole array.
export function runProgram(steps, weights, ...inputs) {
  const values = [];
  let next = 0;
  for (const [operation, from, settings] of steps) {
    if (operation === "input") {
      values.push(inputs[next++]);
    } else if (operation === "weight") {
      const end = settings.at + product(settings.shape);
      values.push(tensor(settings.shape, weights.subarray(settings.at, end)));
    } else {
      values.push(OPERATIONS[operation](settings, ...from.map((number) => values[number])));
    }
  }
  return values.at(-1);
}
