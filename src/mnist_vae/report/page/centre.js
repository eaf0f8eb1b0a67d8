// A drawing as MNIST has its digits: scaled to fit 20 x 20 pixels, then laid with its centre of mass
// in the middle of 28 x 28; LeCun, Bottou, Bengio & Haffner 1998.

const BOX = 20;

// `ink` holds side * side levels from 0 to 1. Returns 784 levels, or null if there is no ink.
function centred(ink, side) {
  const box = boundingBox(ink, side);
  if (!box) return null;
  const [cx, cy] = centreOfMass(ink, side);
  const scale = Math.max(box.right - box.left, box.bottom - box.top) / BOX;
  return sampled(ink, side, cx - (SIDE / 2) * scale, cy - (SIDE / 2) * scale, scale);
}

// The same without scaling and centring: the whole drawing.
function asItIs(ink, side) {
  return ink.some((level) => level > 0) ? sampled(ink, side, 0, 0, side / SIDE) : null;
}

function boundingBox(ink, side) {
  const box = { left: side, top: side, right: 0, bottom: 0 };
  for (let at = 0; at < ink.length; at++) {
    if (ink[at] < 0.1) continue;
    const [x, y] = [at % side, Math.floor(at / side)];
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.max(box.right, x + 1);
    box.bottom = Math.max(box.bottom, y + 1);
  }
  return box.right > box.left ? box : null;
}

function centreOfMass(ink, side) {
  let [mass, x, y] = [0, 0, 0];
  for (let at = 0; at < ink.length; at++) {
    mass += ink[at];
    x += ink[at] * ((at % side) + 0.5);
    y += ink[at] * (Math.floor(at / side) + 0.5);
  }
  return [x / mass, y / mass];
}

// 28 x 28 levels, each a mean over a square of `scale` pixels; the first one's corner is left, top.
function sampled(ink, side, left, top, scale) {
  const parts = Math.max(2, Math.ceil(scale));
  const levels = new Float32Array(PIXELS);
  for (let at = 0; at < PIXELS; at++) {
    let sum = 0;
    for (let part = 0; part < parts * parts; part++) {
      const x = left + ((at % SIDE) + ((part % parts) + 0.5) / parts) * scale;
      const y = top + (Math.floor(at / SIDE) + (Math.floor(part / parts) + 0.5) / parts) * scale;
      const inside = x >= 0 && y >= 0 && x < side && y < side;
      if (inside) sum += ink[Math.floor(y) * side + Math.floor(x)];
    }
    levels[at] = sum / (parts * parts);
  }
  return levels;
}
