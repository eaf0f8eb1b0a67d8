// A tensor is {shape, data}: its sizes, and its numbers in torch's order. The first size counts
// images or points.

export function tensor(shape, data) {
  return { shape, data: data ?? new Float32Array(product(shape)) };
}

export function product(sizes) {
  return sizes.reduce((all, size) => all * size, 1);
}
