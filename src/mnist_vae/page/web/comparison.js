// Another run's page, picked from the disk: its curves, metrics and parameters beside this one's.

import { lossCharts } from "./charts.js";
import { byId, element } from "./elements.js";
import { run } from "./run_data.js";

const MOST_EPOCHS = 500; // that a page keeps of a run
const LONGEST = 1000; // letters of a heading
const REASONS = {
  SyntaxError: "is not the report of a run.",
  TypeError: "is a report, but a damaged one.",
};

export function listenToComparison() {
  const input = byId("other");
  // Otherwise the same file, made anew, could not be picked again.
  input.addEventListener("click", () => (input.value = ""));
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      compareWith(readPage(await file.text()), file.name);
    } catch (error) {
      say(`${file.name}: ${REASONS[error.name] ?? error.message}`, false);
    }
  });
}

function say(text, compared) {
  byId("compare-text").textContent = text;
  byId("compared").hidden = !compared;
}

// Throws an Error if the text is not a page that this one understands.
function readPage(text) {
  const parsed = new DOMParser().parseFromString(text, "text/html");
  const other = JSON.parse(parsed.getElementById("run-data")?.textContent);
  if (other?.format !== run.format) throw new SyntaxError();
  if (other.version !== run.version) {
    throw new Error(
      `is a report of version ${other.version}; this page reads version ${run.version}. Make it again with the same code.`,
    );
  }
  const { losses, heading } = other;
  if (losses.epoch.length > MOST_EPOCHS || heading.length > LONGEST) throw new TypeError();
  return other;
}

function compareWith(other, name) {
  const charts = lossCharts([run, other], ": this run blue, the other orange");
  const rows = [...comparedMetrics(other), ...comparedParams(other)].map(([key, ...cells]) => {
    const values = cells.map((value) => element("td", {}, value));
    return element("tr", {}, element("th", { scope: "row" }, key), ...values);
  });
  byId("compare-charts").replaceChildren(...charts);
  byId("compare-rows").replaceChildren(...rows);
  const odd = ["dataset", "model.likelihood"].filter(
    (key) => other.params[key] !== run.params[key],
  );
  const warning = odd.length
    ? ` The runs differ in ${odd.join(" and ")}, so their nats are not comparable.`
    : "";
  say(`Compared with ${name}: ${other.heading}.${warning}`, true);
}

function comparedMetrics(other) {
  const decimals = (value) => (Number.isInteger(value) ? value : value.toFixed(4));
  return keysOf(run.metrics, other.metrics).map((key) => {
    const pair = [run.metrics[key], other.metrics[key]];
    if (!pair.every(Number.isFinite)) return [key, ...pair.map((value) => value ?? ""), ""];
    const change = pair[1] - pair[0];
    return [key, ...pair.map(decimals), (change < 0 ? "" : "+") + change.toFixed(4)];
  });
}

function comparedParams(other) {
  return keysOf(run.params, other.params)
    .map((key) => [key, ...[run, other].map(({ params }) => JSON.stringify(params[key]) ?? "")])
    .filter(([, own, others]) => own !== others)
    .map((row) => [...row, "differs"]);
}

function keysOf(...records) {
  return [...new Set(records.flatMap(Object.keys))];
}
