// Charts as SVG, drawn by the page's own style: classes, no colours. All are in nats per image.

import { byId, element } from "./elements.js";
import { run, space } from "./run_data.js";

const TERMS = { neg_elbo_nats: "Negative ELBO", recon_nats: "Recon", kl_nats: "KL" };
const LEAST_SPAN = 0.1; // of the largest KL, which its axis covers: smaller changes look small
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 352, 10, 190]; // of the axes, in a box of 360 x 220

export function drawTraining() {
  byId("charts").prepend(...lossCharts([run], ""));
  byId("kl").prepend(klChart(byId("kl").textContent.trim()));
}

// A chart for each term of the loss: a colour for each run, train dashed, validation solid.
export function lossCharts(runs, legend) {
  return Object.entries(TERMS).map(([term, name]) => {
    const splits = ["train", "validation"];
    const curves = runs.flatMap(({ losses }, number) =>
      splits.map((split, at) => {
        const look = `curve-${number} ${split}`;
        return { look, x: losses.epoch, y: losses[`${split}_${term}`] };
      }),
    );
    const ends = curves.map(({ y }, at) => `${splits[at % 2]} ${y.at(-1).toFixed(2)}`).join(", ");
    const label = `${name}${legend}; after the last epoch: ${ends} nats per image`;
    const caption = element("figcaption", {}, `${name}${legend}`);
    const least = term === "kl_nats" ? LEAST_SPAN : 0;
    return element("figure", {}, lineChart(label, curves, least), caption);
  });
}

function lineChart(title, curves, least) {
  const xs = extent(curves.flatMap(({ x }) => x));
  const ys = extent(
    curves.flatMap(({ y }) => y),
    least,
  );
  const [across, up] = [scale(xs, LEFT, RIGHT), scale(ys, BOTTOM, TOP)];
  const epochs = ticks(xs).filter(Number.isInteger);
  const lines = curves.map(({ look, x, y }) => {
    const points = x.map((epoch, at) => [across(epoch), up(y[at])]);
    const [[cx, cy]] = points;
    return points.length > 1
      ? element("polyline", { class: `curve ${look}`, points: points.join(" ") })
      : element("circle", { class: `curve ${look}`, cx, cy, r: 3 });
  });
  return chart(title, [
    ...levels(ys, up),
    ...epochs.map((epoch) => chartText(across(epoch), BOTTOM + 14, "middle", epoch)),
    chartText((LEFT + RIGHT) / 2, BOTTOM + 28, "middle", "epoch"),
    ...lines,
  ]);
}

// A bar for each dimension.
function klChart(title) {
  const span = [0, Math.max(...run.kl, 1e-9)];
  const up = scale(span, BOTTOM, TOP);
  const width = (RIGHT - LEFT) / run.kl.length;
  const gap = Math.min(2, width / 5);
  const named = Math.ceil(run.kl.length / 8); // one bar in so many
  const bars = run.kl.flatMap((value, at) => {
    const [x, y, name] = [LEFT + at * width, up(Math.max(value, 0)), `z_${space.dims[at] + 1}`];
    const box = { class: "bar", x: x + gap / 2, y, width: width - gap, height: BOTTOM - y };
    const hint = element("title", {}, `${name}: ${value.toFixed(3)} nats`);
    const label = chartText(x + width / 2, BOTTOM + 14, "middle", at % named ? "" : name);
    return [element("rect", box, hint), label];
  });
  return chart(title, [...levels(span, up), ...bars]);
}

function chart(title, parts) {
  const attributes = { viewBox: "0 0 360 220", role: "img", "aria-label": title };
  return element("svg", attributes, ...parts);
}

function levels(span, up) {
  return ticks(span).flatMap((tick) => [
    element("line", { class: "level", x1: LEFT, x2: RIGHT, y1: up(tick), y2: up(tick) }),
    chartText(LEFT - 6, up(tick) + 3.5, "end", tick),
  ]);
}

function chartText(x, y, anchor, content) {
  return element("text", { x, y, "text-anchor": anchor }, content);
}

// The least and the largest, apart by at least `share` of the largest.
function extent(values, share = 0) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const lacking = Math.max(share * Math.abs(high) - (high - low), 0) / 2;
  return low < high || lacking > 0 ? [low - lacking, high + lacking] : [low - 1, high + 1];
}

function scale([low, high], from, to) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

// Round numbers within an interval, about so many.
export function ticks([low, high], about = 5) {
  const rough = (high - low) / about;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5].find((n) => n * unit >= rough) ?? 10);
  const found = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) found.push(n * step);
  return found.map((value) => Number(value.toPrecision(10)));
}
