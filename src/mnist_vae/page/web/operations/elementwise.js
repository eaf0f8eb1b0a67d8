// Operations on each number by itself, named as torch names them.

import { product, tensor } from "./tensor.js";

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// Abramowitz & Stegun 1964, 7.1.26; the error is below 2e-7.
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const terms = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = terms.reduce((value, term) => (value + term) * t, 0);
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

const OF_ONE = {
  relu: (x) => Math.max(x, 0),
  silu: (x) => x * sigmoid(x),
  sigmoid,
  tanh: Math.tanh,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  abs: Math.abs,
  neg: (x) => -x,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  log_sigmoid: (x) => -softplus(-x),
  softsign: (x) => x / (1 + Math.abs(x)),
  hardsigmoid: (x) => clamp(x / 6 + 0.5, 0, 1),
  hardswish: (x) => x * clamp(x / 6 + 0.5, 0, 1),
  mish: (x) => x * Math.tanh(softplus(x)),
  relu6: (x) => clamp(x, 0, 6),
  invert: (x) => 1 - x, // of what is true or false
  gelu: (x, { approximate }) =>
    approximate === "tanh"
      ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : 0.5 * x * (1 + erf(x / Math.SQRT2)),
  elu: (x, { alpha }) => (x > 0 ? x : alpha * Math.expm1(x)),
  leaky_relu: (x, { negative_slope }) => (x > 0 ? x : negative_slope * x),
  softplus: (x, { beta, threshold }) => (x * beta > threshold ? x : softplus(x * beta) / beta),
  hardtanh: (x, { min_val, max_val }) => clamp(x, min_val, max_val),
};

const OF_SEVERAL = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  truediv: (a, b) => a / b,
  pow: Math.pow,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  where: (condition, a, b) => (condition ? a : b),
  masked_fill: (x, mask, value) => (mask ? value : x),
  binary_cross_entropy_with_logits: (logit, x) => softplus(logit) - logit * x,
};

export const ELEMENTWISE = {};
for (const [name, compute] of Object.entries(OF_ONE)) {
  ELEMENTWISE[name] = (settings, x) =>
    typeof x === "number"
      ? compute(x, settings)
      : tensor(
          x.shape,
          x.data.map((value) => compute(value, settings)),
        );
}
for (const [name, compute] of Object.entries(OF_SEVERAL)) {
  ELEMENTWISE[name] = (settings, ...values) => broadcast(compute, values);
}

// `compute` of numbers and tensors, whose sides of one are repeated, as torch does.
function broadcast(compute, values) {
  if (values.every((value) => typeof value === "number")) return compute(...values);
  const parts = values.map((value) => (value.shape ? value : tensor([], [value])));
  const dims = Math.max(...parts.map((part) => part.shape.length));
  const sides = parts.map(({ shape }) => [...Array(dims - shape.length).fill(1), ...shape]);
  const shape = sides[0].map((_, side) => Math.max(...sides.map((own) => own[side])));
  const result = tensor(shape);
  const readers = parts.map((part, index) => reader(part.data, sides[index], shape));
  for (let at = 0; at < result.data.length; at++) {
    result.data[at] = compute(...readers.map((read) => read(at)));
  }
  return result;
}

// What gives the number of `data`, of shape `own`, that belongs to place `at` of shape `whole`.
function reader(data, own, whole) {
  const size = product(own);
  if (size === 1) return () => data[0];
  if (size === product(whole)) return (at) => data[at];
  return (at) => {
    let place = 0;
    let step = 1;
    for (let side = whole.length - 1; side >= 0; side--) {
      if (own[side] > 1) place += (at % whole[side]) * step;
      at = Math.floor(at / whole[side]);
      step *= own[side];
    }
    return data[place];
  };
}
