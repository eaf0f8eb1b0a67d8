// Layers; images are (count, channels, height, width).

import { product, tensor } from "./tensor.js";

export const LAYERS = {
  linear,
  conv2d,
  conv_transpose2d,
  layer_norm,
  group_norm,
  scale_channels,
  max_pool2d: (settings, x) => pool(settings, x, (window) => Math.max(...window)),
  avg_pool2d: (settings, x) =>
    pool(settings, x, (window) => window.reduce((all, value) => all + value) / window.length),
  upsample,
};

function linear(settings, x, weight, bias) {
  const [outs, ins] = weight.shape;
  const result = tensor([...x.shape.slice(0, -1), outs]);
  for (let row = 0; row < x.data.length / ins; row++) {
    for (let out = 0; out < outs; out++) {
      let sum = bias.data[out];
      const [from, at] = [row * ins, out * ins];
      for (let i = 0; i < ins; i++) sum += x.data[from + i] * weight.data[at + i];
      result.data[row * outs + out] = sum;
    }
  }
  return result;
}

function conv2d(settings, x, weight, bias) {
  const { stride, padding, dilation } = settings;
  const [count, , height, width] = x.shape;
  const kernel = weight.shape.slice(2);
  const side = (size, axis) =>
    Math.floor(
      (size + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis],
    ) + 1;
  const result = tensor([count, weight.shape[0], side(height, 0), side(width, 1)]);
  fillChannels(result, bias);
  const channels = { of: x.shape[1], per: weight.shape[1], to: weight.shape[0] };
  connect(settings, kernel, result.shape, x.shape, (fine, coarse, k, tap, image) => {
    const perGroup = channels.to / settings.groups;
    for (let to = 0; to < channels.to; to++) {
      const first = Math.floor(to / perGroup) * channels.per;
      let sum = 0;
      for (let c = 0; c < channels.per; c++) {
        const from = (image * channels.of + first + c) * height * width + fine;
        sum += x.data[from] * weight.data[(to * channels.per + c) * tap + k];
      }
      result.data[(image * channels.to + to) * result.shape[2] * result.shape[3] + coarse] += sum;
    }
  });
  return result;
}

function conv_transpose2d(settings, x, weight, bias) {
  const { stride, padding, dilation, groups, output_padding } = settings;
  const [count, channels, height, width] = x.shape;
  const kernel = weight.shape.slice(2);
  const side = (size, axis) =>
    (size - 1) * stride[axis] -
    2 * padding[axis] +
    dilation[axis] * (kernel[axis] - 1) +
    output_padding[axis] +
    1;
  const [perGroup, outs] = [weight.shape[1], weight.shape[1] * groups];
  const result = tensor([count, outs, side(height, 0), side(width, 1)]);
  fillChannels(result, bias);
  const fineSize = result.shape[2] * result.shape[3];
  connect(settings, kernel, x.shape, result.shape, (fine, coarse, k, tap, image) => {
    for (let c = 0; c < channels; c++) {
      const value = x.data[(image * channels + c) * height * width + coarse];
      const first = Math.floor(c / (channels / groups)) * perGroup;
      for (let to = 0; to < perGroup; to++) {
        result.data[(image * outs + first + to) * fineSize + fine] +=
          value * weight.data[(c * perGroup + to) * tap + k];
      }
    }
  });
  return result;
}

function fillChannels(result, bias) {
  const size = result.shape[2] * result.shape[3];
  for (let at = 0; at < result.data.length / size; at++) {
    result.data.fill(bias.data[at % bias.data.length], at * size, (at + 1) * size);
  }
}

// A convolution connects each pixel of its coarse side to a window of its fine side; a transposed
// one has the same connections, the other way round.
function connect({ stride, padding, dilation }, kernel, coarse, fine, visit) {
  const tap = kernel[0] * kernel[1];
  for (let image = 0; image < coarse[0]; image++) {
    for (let row = 0; row < coarse[2]; row++) {
      for (let column = 0; column < coarse[3]; column++) {
        for (let k = 0; k < tap; k++) {
          const y = row * stride[0] - padding[0] + Math.floor(k / kernel[1]) * dilation[0];
          const x = column * stride[1] - padding[1] + (k % kernel[1]) * dilation[1];
          if (y < 0 || y >= fine[2] || x < 0 || x >= fine[3]) continue;
          visit(y * fine[3] + x, row * coarse[3] + column, k, tap, image);
        }
      }
    }
  }
}

// Less the mean, by the standard deviation, over each stretch of `size` numbers.
function normalise(x, size, eps, scaleAndShift) {
  const result = tensor(x.shape);
  for (let start = 0; start < x.data.length; start += size) {
    const part = x.data.subarray(start, start + size);
    const mean = part.reduce((all, value) => all + value, 0) / size;
    const variance = part.reduce((all, value) => all + (value - mean) ** 2, 0) / size;
    const by = 1 / Math.sqrt(variance + eps);
    for (let i = 0; i < size; i++) {
      const [scale, shift] = scaleAndShift(start + i, i);
      result.data[start + i] = (part[i] - mean) * by * scale + shift;
    }
  }
  return result;
}

function layer_norm({ eps }, x, weight, bias) {
  return normalise(x, weight.data.length, eps, (at, i) => [weight.data[i], bias.data[i]]);
}

function group_norm({ groups, eps }, x, weight, bias) {
  const [channels, inner] = [x.shape[1], product(x.shape.slice(2))];
  return normalise(x, (channels / groups) * inner, eps, (at) => {
    const channel = Math.floor(at / inner) % channels;
    return [weight.data[channel], bias.data[channel]];
  });
}

function scale_channels(settings, x, scale, shift) {
  const inner = product(x.shape.slice(2));
  const channel = (at) => Math.floor(at / inner) % x.shape[1];
  const numbers = x.data.map((v, at) => v * scale.data[channel(at)] + shift.data[channel(at)]);
  return tensor(x.shape, numbers);
}

function pool({ kernel, stride }, x, compute) {
  const [count, channels, height, width] = x.shape;
  const rows = Math.floor((height - kernel[0]) / stride[0]) + 1;
  const columns = Math.floor((width - kernel[1]) / stride[1]) + 1;
  return fromEachPixel(tensor([count, channels, rows, columns]), (image, row, column) => {
    const window = [];
    for (let y = 0; y < kernel[0]; y++) {
      for (let i = 0; i < kernel[1]; i++) {
        const pixels = image * height + row * stride[0] + y;
        window.push(x.data[pixels * width + column * stride[1] + i]);
      }
    }
    return compute(window);
  });
}

function upsample({ factor }, x) {
  const [count, channels, height, width] = x.shape;
  const result = tensor([count, channels, height * factor[0], width * factor[1]]);
  return fromEachPixel(result, (image, row, column) => {
    const pixels = image * height + Math.floor(row / factor[0]);
    return x.data[pixels * width + Math.floor(column / factor[1])];
  });
}

// `image` counts the channels of all images.
function fromEachPixel(result, compute) {
  const [count, channels, rows, columns] = result.shape;
  let at = 0;
  for (let image = 0; image < count * channels; image++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        result.data[at++] = compute(image, row, column);
      }
    }
  }
  return result;
}
