// Another run's page, picked from the disk: its curves, metrics and parameters beside this one's.

const LARGEST_PAGE = 256 * 2 ** 20;
const CURVES = { neg_elbo_nats: "Negative ELBO", recon_nats: "Recon", kl_nats: "KL" };

function listenToCompare() {
  const input = document.getElementById("other");
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    try {
      showComparison(await readPage(file));
      say(`Compared with ${file.name}: ${document.getElementById("compared").dataset.heading}`);
    } catch (error) {
      document.getElementById("compared").hidden = true;
      say(`${file.name}: ${error.message}`);
    }
    input.value = ""; // so that the same file can be picked again, made anew
  });
}

function say(text) {
  document.getElementById("compare-text").textContent = text;
}

// Throws an Error with one line if the file is not a page that this one understands.
async function readPage(file) {
  if (file.size > LARGEST_PAGE) throw new Error("is too large to be a report.");
  let text = "";
  try {
    text = await file.text();
  } catch {
    throw new Error("cannot be read.");
  }
  const other = parsePage(text);
  if (other?.format !== run.format) throw new Error("is not the report of a run.");
  if (other.version !== run.version) {
    throw new Error(
      `is a report of version ${other.version}; this page reads version ${run.version}. Make it again with the same code.`,
    );
  }
  if (!isComplete(other)) throw new Error("is a report, but a damaged one.");
  return other;
}

function parsePage(text) {
  try {
    const parsed = new DOMParser().parseFromString(text, "text/html");
    return JSON.parse(parsed.getElementById("run-data").textContent);
  } catch {
    return null;
  }
}

function isComplete(other) {
  const isRecord = (value) => typeof value === "object" && value !== null;
  const columns = isRecord(other.losses) ? other.losses : {};
  const terms = Object.keys(CURVES).flatMap((term) => [`train_${term}`, `validation_${term}`]);
  return (
    typeof other.heading === "string" &&
    [other.metrics, other.params].every(isRecord) &&
    ["epoch", ...terms].every(
      (name) =>
        Array.isArray(columns[name]) &&
        columns[name].length === columns.epoch?.length &&
        columns[name].length > 0 &&
        columns[name].every(Number.isFinite),
    )
  );
}

function showComparison(other) {
  const compared = document.getElementById("compared");
  compared.hidden = false;
  compared.dataset.heading = other.heading + unequal(other);
  document.getElementById("compare-chart").replaceChildren(
    ...Object.entries(CURVES).map(([term, name]) => {
      const figure = document.createElement("figure");
      const caption = document.createElement("figcaption");
      const curves = [run, other].flatMap(({ losses }, number) =>
        ["train", "validation"].map((split) => ({
          className: `curve-${number} ${split === "train" ? "dashed" : ""}`,
          x: losses.epoch,
          y: losses[`${split}_${term}`],
        })),
      );
      caption.textContent = `${name}: this run blue, the other orange; train dashed`;
      figure.append(lineChart(`${name} of both runs`, curves), caption);
      return figure;
    }),
  );
  document.getElementById("compare-table").replaceChildren(...comparedRows(other));
}

function unequal(other) {
  const odd = ["dataset", "model.likelihood"].filter(
    (key) => other.params[key] !== run.params[key],
  );
  return odd.length
    ? `. The runs differ in ${odd.join(" and ")}, so their nats are not comparable.`
    : ".";
}

function comparedRows(other) {
  const keys = (name) => [...new Set([...Object.keys(run[name]), ...Object.keys(other[name])])];
  const rows = [row("th", ["", "this run", "other run", "difference"], "col")];
  for (const key of keys("metrics")) {
    const [a, b] = [run.metrics[key], other.metrics[key]];
    const numbers = typeof a === "number" && typeof b === "number";
    const difference = numbers ? (b - a >= 0 ? "+" : "") + (b - a).toFixed(4) : "";
    rows.push(row("td", [key, shown(a), shown(b), difference]));
  }
  for (const key of keys("params")) {
    const [a, b] = [run.params[key], other.params[key]].map((value) => JSON.stringify(value));
    if (a !== b) rows.push(row("td", [key, a ?? "", b ?? "", "differs"]));
  }
  return rows;
}

function shown(value) {
  if (value === undefined) return "";
  return typeof value === "number" && !Number.isInteger(value) ? value.toFixed(4) : String(value);
}

function row(kind, texts, scope) {
  const element = document.createElement("tr");
  texts.forEach((text, at) => {
    const cell = document.createElement(at === 0 && text ? "th" : kind);
    if (cell.tagName === "TH") cell.scope = scope ?? "row";
    cell.textContent = text;
    element.append(cell);
  });
  if (scope) element.firstChild.replaceWith(document.createElement("td"));
  return element;
}
