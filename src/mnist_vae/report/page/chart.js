// Curves of two runs on one chart, as SVG.

const CHART = { width: 360, height: 220, left: 46, right: 8, top: 10, bottom: 30 };

function svgElement(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// `curves`: [{className, x, y}]
function lineChart(title, curves) {
  const { width, height, left, right, top, bottom } = CHART;
  const extent = (key) => {
    const values = curves.flatMap((curve) => curve[key]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low < high ? [low, high] : [low - 1, high + 1];
  };
  const [xs, ys] = [extent("x"), extent("y")];
  const across = (x) => left + ((x - xs[0]) / (xs[1] - xs[0])) * (width - left - right);
  const up = (y) => height - bottom - ((y - ys[0]) / (ys[1] - ys[0])) * (height - top - bottom);
  const text = (x, y, anchor, content) =>
    svgElement("text", { x, y, "text-anchor": anchor }, String(content));
  const levels = ticks(ys).flatMap((tick) => [
    svgElement("line", {
      class: "level",
      x1: left,
      x2: width - right,
      y1: up(tick),
      y2: up(tick),
    }),
    text(left - 6, up(tick) + 3.5, "end", tick),
  ]);
  const epochs = ticks(xs)
    .filter(Number.isInteger)
    .map((tick) => text(across(tick), height - bottom + 14, "middle", tick));
  const lines = curves.map(({ className, x, y }) =>
    svgElement("polyline", {
      class: `curve ${className}`,
      points: x.map((epoch, at) => `${across(epoch)},${up(y[at])}`).join(" "),
    }),
  );
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title };
  return svgElement("svg", attributes, ...levels, ...epochs, ...lines);
}
