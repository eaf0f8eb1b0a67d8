// Operations that rearrange a tensor, or reduce one of its sides.

import { product, tensor } from "./tensor.js";

const sideOf = (dim, shape) => (dim < 0 ? dim + shape.length : dim);

export const SHAPES = {
  flatten: ({ start_dim, end_dim }, x) => {
    const [start, end] = [sideOf(start_dim, x.shape), sideOf(end_dim, x.shape) + 1];
    const merged = product(x.shape.slice(start, end));
    return tensor([...x.shape.slice(0, start), merged, ...x.shape.slice(end)], x.data);
  },
  unflatten: ({ dim, sizes }, x) => {
    const side = sideOf(dim, x.shape);
    const split = resolve(sizes, x.shape[side]);
    return tensor([...x.shape.slice(0, side), ...split, ...x.shape.slice(side + 1)], x.data);
  },
  reshape: (settings, x, ...sizes) => tensor(resolve(sizes, x.data.length), x.data),
  size: ({ dim }, x) => (dim === null ? x.shape : x.shape[sideOf(dim, x.shape)]),
  getitem: ({ index }, list) => list.at(index),
  chunk: ({ chunks, dim }, x) => {
    const side = sideOf(dim, x.shape);
    const size = Math.ceil(x.shape[side] / chunks);
    const parts = [];
    for (let start = 0; start < x.shape[side]; start += size) {
      parts.push(slice(x, side, start, Math.min(start + size, x.shape[side])));
    }
    return parts;
  },
  cat: ({ dim }, ...parts) => {
    const side = sideOf(dim, parts[0].shape);
    const shape = [...parts[0].shape];
    shape[side] = parts.reduce((all, part) => all + part.shape[side], 0);
    const result = tensor(shape);
    const inner = product(shape.slice(side + 1));
    let offset = 0;
    for (const part of parts) {
      const stretch = part.shape[side] * inner;
      for (let row = 0; row * stretch < part.data.length; row++) {
        const numbers = part.data.subarray(row * stretch, (row + 1) * stretch);
        result.data.set(numbers, row * shape[side] * inner + offset);
      }
      offset += stretch;
    }
    return result;
  },
  sum: ({ dim }, x) => reduce(x, dim, (numbers) => numbers.reduce((all, value) => all + value, 0)),
  mean: ({ dim }, x) =>
    reduce(x, dim, (numbers) => numbers.reduce((all, value) => all + value, 0) / numbers.length),
  softmax: ({ dim }, x) => {
    const side = sideOf(dim, x.shape);
    const result = tensor(x.shape);
    eachLine(x, side, (numbers, places) => {
      const largest = Math.max(...numbers);
      const parts = numbers.map((value) => Math.exp(value - largest));
      const all = parts.reduce((a, b) => a + b, 0);
      places.forEach((place, at) => (result.data[place] = parts[at] / all));
    });
    return result;
  },
};

// `sizes` with torch's -1 replaced by what is left of `total`.
function resolve(sizes, total) {
  const known = product(sizes.filter((size) => size !== -1));
  return sizes.map((size) => (size === -1 ? total / known : size));
}

function slice(x, side, start, end) {
  const [whole, inner] = [x.shape[side], product(x.shape.slice(side + 1))];
  const result = tensor(x.shape.with(side, end - start));
  const stretch = (end - start) * inner;
  for (let row = 0; row * stretch < result.data.length; row++) {
    const from = (row * whole + start) * inner;
    result.data.set(x.data.subarray(from, from + stretch), row * stretch);
  }
  return result;
}

function reduce(x, dim, compute) {
  const side = sideOf(dim, x.shape);
  const result = tensor(x.shape.filter((_, other) => other !== side));
  let at = 0;
  eachLine(x, side, (numbers) => (result.data[at++] = compute(numbers)));
  return result;
}

// Each line of numbers along a side, with their places in the data.
function eachLine(x, side, visit) {
  const inner = product(x.shape.slice(side + 1));
  const outer = product(x.shape.slice(0, side));
  for (let row = 0; row < outer; row++) {
    for (let column = 0; column < inner; column++) {
      const first = row * x.shape[side] * inner + column;
      const places = Array.from({ length: x.shape[side] }, (_, at) => first + at * inner);
      visit(
        places.map((place) => x.data[place]),
        places,
      );
    }
  }
}
