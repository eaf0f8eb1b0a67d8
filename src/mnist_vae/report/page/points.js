// The test images as points, with the axes: the canvas that changes only with colour or plane.

function fitCanvas(canvas) {
  const size = canvas.parentElement.clientWidth;
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(size * scale)) {
    canvas.width = canvas.height = Math.round(size * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, size, size);
  return { context, size };
}

function drawPoints() {
  const { context, size } = fitCanvas(document.getElementById("points"));
  const { points } = plane();
  context.globalAlpha = 0.65;
  const radius = space.count > 3000 ? 1.1 : 1.8;
  const draw = (place) => {
    const [x, y] = toCanvas([points[2 * place], points[2 * place + 1]], size);
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  };
  for (let place = 0; place < space.count; place++) {
    if (state.focus && !state.focus.has(place)) {
      context.fillStyle = theme.lineText;
    } else if (!state.focus) {
      context.fillStyle = pointColour(place);
    } else continue;
    draw(place);
  }
  context.globalAlpha = 1;
  for (const place of state.focus ?? []) drawDisc(context, place, points, size);
  drawAxes(context, size);
}

function drawDisc(context, place, points, size) {
  const [x, y] = toCanvas([points[2 * place], points[2 * place + 1]], size);
  context.fillStyle = pointColour(place);
  context.beginPath();
  context.arc(x, y, 3.5, 0, 2 * Math.PI);
  context.fill();
}

function drawAxes(context, size) {
  const { classes, axes } = plane();
  const shown = view();
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "alphabetic";
  for (const tick of ticks(shown.x, 8)) {
    const [x] = toCanvas([tick, 0], size);
    if (x > 40 && x < size - 24) label(context, String(tick), x, size - 6, "center");
  }
  const rows = classes ? run.classes.map((name, row) => [row, name]) : numbered(ticks(shown.y, 8));
  for (const [value, name] of rows) {
    const [, y] = toCanvas([0, value], size);
    if (y > 24 && y < size - 24) label(context, name, 6, y + 4, "left");
  }
  label(context, axes[0], size - 6, size - 22, "right");
  label(context, axes[1], 6, 14, "left");
}

const numbered = (values) => values.map((value) => [value, String(value)]);

function label(context, text, x, y, align) {
  context.textAlign = align;
  context.lineWidth = 3;
  context.strokeStyle = theme.paperText;
  context.fillStyle = theme.mutedText;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function describePlane() {
  const { basis, classes } = plane();
  let text = basis;
  if (latentDim > 2) {
    text += `. Its ${latentDim} dimensions do not fit on a plane: dragging moves z within the slice in which it lies, and the decoded images show that slice.`;
  } else if (classes) {
    text = `One dimension; the height of a point is its ${run.noun}.`;
  }
  document.getElementById("plane-note").textContent = text;
}
