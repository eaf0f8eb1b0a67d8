// From z to a place on the plane, from there to pixels of the canvas, and back.

function toPlane(z) {
  const { origin, forward } = plane();
  return origin.map((start, row) =>
    z.reduce((sum, value, dim) => sum + forward[row * latentDim + dim] * value, start),
  );
}

// From `from` to a z that lies at `place`, the way that codes take: a slice through `from`.
function toZ(place, from) {
  const here = toPlane(from);
  const [dx, dy] = [place[0] - here[0], place[1] - here[1]];
  const { back } = plane();
  return from.map((value, dim) => value + back[2 * dim] * dx + back[2 * dim + 1] * dy);
}

// The rectangle that is shown: all points, with the same scale on both axes as the scatter has.
function view() {
  const own = plane();
  own.view ??= own.classes ? stripView(own.points) : squareView(own.points);
  return own.view;
}

function limits(points, axis) {
  let [low, high] = [Infinity, -Infinity];
  for (let at = axis; at < points.length; at += 2) {
    low = Math.min(low, points[at]);
    high = Math.max(high, points[at]);
  }
  return [low, high];
}

function squareView(points) {
  const [x, y] = [limits(points, 0), limits(points, 1)];
  const half = 0.54 * Math.max(x[1] - x[0], y[1] - y[0], 1e-3);
  const [cx, cy] = [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
  return { x: [cx - half, cx + half], y: [cy - half, cy + half] };
}

function stripView(points) {
  const [low, high] = limits(points, 0);
  const margin = 0.04 * Math.max(high - low, 1e-3);
  return { x: [low - margin, high + margin], y: [-0.9, run.classes.length - 0.1] };
}

function toCanvas([x, y], size) {
  const shown = view();
  return [
    ((x - shown.x[0]) / (shown.x[1] - shown.x[0])) * size,
    size - ((y - shown.y[0]) / (shown.y[1] - shown.y[0])) * size,
  ];
}

function fromCanvas([left, top], size) {
  const shown = view();
  return [
    shown.x[0] + (left / size) * (shown.x[1] - shown.x[0]),
    shown.y[0] + (1 - top / size) * (shown.y[1] - shown.y[0]),
  ];
}

// The test image whose point is nearest to a place of the canvas, and how many pixels away.
function nearestPoint(at, size) {
  const { points } = plane();
  let [best, least] = [-1, Infinity];
  for (let place = 0; place < space.count; place++) {
    if (state.focus && !state.focus.has(place)) continue;
    const [x, y] = toCanvas([points[2 * place], points[2 * place + 1]], size);
    const distance = (x - at[0]) ** 2 + (y - at[1]) ** 2;
    if (distance < least) [best, least] = [place, distance];
  }
  return { place: best, distance: Math.sqrt(least) };
}

// Round numbers within an interval, about so many.
function ticks([low, high], about = 5) {
  const rough = (high - low) / about;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5].find((n) => n * unit >= rough) ?? 10);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) found.push(n * step);
  return found.map((value) => Number(value.toPrecision(10)));
}
