// Operations that change the size of images without weights.

function pool({ kernel, stride }, x, compute) {
  const [count, channels, height, width] = x.shape;
  const rows = Math.floor((height - kernel[0]) / stride[0]) + 1;
  const columns = Math.floor((width - kernel[1]) / stride[1]) + 1;
  return fromEachPlace(tensor([count, channels, rows, columns]), (plane, row, column) => {
    const window = [];
    for (let y = 0; y < kernel[0]; y++) {
      for (let i = 0; i < kernel[1]; i++) {
        const line = plane * height + row * stride[0] + y;
        window.push(x.data[line * width + column * stride[1] + i]);
      }
    }
    return compute(window);
  });
}

function fromEachPlace(result, compute) {
  const [count, channels, rows, columns] = result.shape;
  let at = 0;
  for (let plane = 0; plane < count * channels; plane++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        result.data[at++] = compute(plane, row, column);
      }
    }
  }
  return result;
}

OPERATIONS.max_pool2d = (settings, x) => pool(settings, x, (window) => Math.max(...window));

OPERATIONS.avg_pool2d = (settings, x) =>
  pool(settings, x, (window) => window.reduce((all, value) => all + value, 0) / window.length);

OPERATIONS.upsample = ({ factor }, x) => {
  const [count, channels, height, width] = x.shape;
  const result = tensor([count, channels, height * factor[0], width * factor[1]]);
  return fromEachPlace(result, (plane, row, column) => {
    const line = plane * height + Math.floor(row / factor[0]);
    return x.data[line * width + Math.floor(column / factor[1])];
  });
};
