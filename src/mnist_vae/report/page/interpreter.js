// Runs a program of src/mnist_vae/report/programs.py: a list of steps [operation, values, settings],
// in which values are the numbers of earlier steps. A value is a number, a list, or a tensor
// {shape, data}; the first side of a tensor counts images or points.

const OPERATIONS = {
  identity: (settings, x) => x,
  number: (settings) => settings.value,
};

function tensor(shape, data) {
  return { shape, data: data ?? new Float32Array(product(shape)) };
}

function product(sizes) {
  return sizes.reduce((all, size) => all * size, 1);
}

// `inputs` are tensors in the order of the program's inputs; `weights` is the run's whole array.
function runProgram(steps, weights, ...inputs) {
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
