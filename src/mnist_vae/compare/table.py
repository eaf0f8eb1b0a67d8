"""Settings as a table: on the terminal, as CSV, and in HTML."""

import html
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mnist_vae.compare.experiments import Experiment
from mnist_vae.compare.settings import (
    Estimate,
    Setting,
    differences_of,
    paired,
    short_label,
    text_of,
)
from mnist_vae.files.tables import save_csv

WIDTH = 100
COLUMNS = 3  # of parameters, at most; more share one column
SHOWN = {  # metric -> (the column's name, decimals)
    "test.nll_nats": ("test -log p(x)", 2),
    "test.neg_elbo_nats": ("test -ELBO", 2),
    "test.refined_neg_elbo_nats": ("refined -ELBO", 2),
    "test.recon_nats": ("recon", 2),
    "test.kl_nats": ("KL", 2),
    "latent.accuracy": ("accuracy", 4),
    "test.active_units": ("active units", 1),
}
OF_RUNS = (
    "test.nll_nats",
    "test.neg_elbo_nats",
    "test.refined_neg_elbo_nats",
    "test.recon_nats",
    "test.kl_nats",
    "latent.accuracy",
)
OF_SETTINGS = (
    "test.nll_nats",
    "test.neg_elbo_nats",
    "test.refined_neg_elbo_nats",
    "latent.accuracy",
    "test.active_units",
)
DIFFERENCES = ("test.nll_nats", "test.neg_elbo_nats", "latent.accuracy")
NOTE = "note"


class Grid(NamedTuple):
    """A header and rows of text; the first `names` columns say what a row is."""

    header: list[str]
    rows: list[list[str]]
    names: int


def runs_grid(experiments: Sequence[Experiment], unfinished: Mapping[str, str] = {}) -> Grid:
    """One row for each run: its name, the parameters and code that differ, its metrics; then the
    states of those `unfinished`."""
    there = [m for m in OF_RUNS if any(m in run.metrics for run in experiments)]
    rows = [
        [run.name, short_label(values), *(cell(run, metric) for metric in there), note([run])]
        for run, values in differences_of(experiments)
    ]
    rows += [[name, "", *("-" for _ in there), state] for name, state in unfinished.items()]
    return noted(Grid(["run", "differs in", *(SHOWN[m][0] for m in there), NOTE], rows, 2))


def cell(run: Experiment, metric: str) -> str:
    return f"{run.metrics[metric]:.{SHOWN[metric][1]}f}" if metric in run.metrics else "-"


def note(runs: Iterable[Experiment]) -> str:
    """`evaluate not run`: with a target, DVC leaves the metrics of later stages as they were."""
    stages = dict.fromkeys(stage for run in runs for stage in run.not_run)
    return f"{', '.join(stages)} not run" if stages else ""


def noted(grid: Grid) -> Grid:
    """Without the last column if no row has a note."""
    if any(row[-1] for row in grid.rows):
        return grid
    return Grid(grid.header[:-1], [row[:-1] for row in grid.rows], grid.names)


def settings_grid(settings: Sequence[Setting], baseline: Setting | None) -> Grid:
    """One row for each setting: mean +- standard error over seeds, and, with a `baseline`, the mean
    difference from it over the seeds that both have."""
    keys = list(settings[0].values) if settings else []
    there = [metric for metric in OF_SETTINGS if any(s.estimate(metric) for s in settings)]
    less = [metric for metric in there if baseline and metric in DIFFERENCES]
    named = keys if len(keys) <= COLUMNS else ["setting"]
    header = [*named, "seeds", *(SHOWN[m][0] for m in there), *(f"Δ {SHOWN[m][0]}" for m in less)]
    rows = []
    for setting in settings:
        texts = [text_of(value) for value in setting.values.values()]
        cells = [
            *(texts if named is keys else [short_label(setting.values)]),
            str(len(setting.runs)),
        ]
        cells += [show(setting.estimate(metric), SHOWN[metric][1]) for metric in there]
        if baseline:
            pairs = (None if setting is baseline else paired(setting, baseline, m) for m in less)
            cells += [
                show(pair, SHOWN[metric][1], "+") for metric, pair in zip(less, pairs, strict=True)
            ]
        rows.append([*cells, note(setting.runs.values())])
    return noted(Grid([*header, NOTE], rows, len(named)))


def show(estimate: Estimate | None, decimals: int, sign: str = "") -> str:
    """`103.21 ± 0.11`; `103.21` for a single seed, `-` for none."""
    if estimate is None:
        return "-"
    mean = f"{estimate.mean:{sign}.{decimals}f}"
    return mean if math.isnan(estimate.stderr) else f"{mean} ± {estimate.stderr:.{decimals}f}"


def print_grid(grid: Grid) -> None:
    """In at most 100 columns, each row on one line: texts that do not fit end in an ellipsis."""
    columns = list(zip(grid.header, *grid.rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    texts = {*range(grid.names), *(at for at, name in enumerate(grid.header) if name == NOTE)}
    least = [8 if at in texts else max(map(len, column[1:])) for at, column in enumerate(columns)]
    while sum(widths) + 2 * len(widths) - 2 > WIDTH and widths != least:
        room = {at: width for at, width in enumerate(widths) if width > least[at]}
        widths[max(room, key=lambda at: (at in texts, widths[at]))] -= 1
    for row in [grid.header, *grid.rows]:
        cells = []
        for at, (text, width) in enumerate(zip(row, widths, strict=True)):
            shown = text if len(text) <= width else text[: width - 1] + "…"
            left = at in texts and not is_number(columns[at][-1])
            cells.append(shown.ljust(width) if left else shown.rjust(width))
        print("  ".join(cells).rstrip())


def is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def save_table(path: Path, settings: Sequence[Setting]) -> None:
    """Every metric of every setting, as CSV: mean, standard error and count. Raises FileError."""
    metrics = sorted({key for s in settings for run in s.runs.values() for key in run.metrics})
    keys = list(settings[0].values) if settings else []
    columns = [f"{m}{part}" for m in metrics for part in ("", ".stderr", ".seeds")]
    rows = []
    for setting in settings:
        numbers = [setting.estimate(metric) or ("", "", 0) for metric in metrics]
        texts = [text_of(value) for value in setting.values.values()]
        rows.append([*texts, *("" if n != n else n for three in numbers for n in three)])
    save_csv(path, [*keys, *columns], rows)


def to_html(grid: Grid) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)

    body = "\n".join(f"<tr>{line(row, 'td')}</tr>" for row in grid.rows)
    return (
        f"<table><thead><tr>{line(grid.header, 'th')}</tr></thead>\n<tbody>{body}</tbody></table>"
    )
