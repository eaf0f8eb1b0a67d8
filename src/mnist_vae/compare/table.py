"""Settings as a table: on the terminal, as CSV, and in HTML."""

import csv
import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from mnist_vae.compare.settings import Estimate, Setting, paired, text_of
from mnist_vae.errors import FileError

WIDTH = 100
SHOWN = {  # metric -> (the column's name, decimals)
    "test.nll_nats": ("test -log p(x)", 2),
    "test.neg_elbo_nats": ("test -ELBO", 2),
    "latent.accuracy": ("accuracy, z_mean", 4),
    "test.active_units": ("active units", 1),
}
DIFFERENCES = ("test.nll_nats", "test.neg_elbo_nats", "latent.accuracy")


class Grid(NamedTuple):
    """A header and rows of text."""

    header: list[str]
    rows: list[list[str]]


def make_grid(settings: Sequence[Setting], baseline: Setting | None) -> Grid:
    """One row for each setting: mean +- standard error over seeds, and, with a `baseline`, the mean
    difference from it over the seeds that both have."""
    keys = list(settings[0].values) if settings else []
    there = [metric for metric in SHOWN if any(s.estimate(metric) for s in settings)]
    less = [metric for metric in there if baseline and metric in DIFFERENCES]
    header = [*keys, "seeds", *(SHOWN[m][0] for m in there), *(f"Δ {SHOWN[m][0]}" for m in less)]
    rows = []
    for setting in settings:
        cells = [text_of(value) for value in setting.values.values()] + [str(len(setting.runs))]
        cells += [show(setting.estimate(metric), SHOWN[metric][1]) for metric in there]
        if baseline:
            pairs = (None if setting is baseline else paired(setting, baseline, m) for m in less)
            cells += [
                show(pair, SHOWN[metric][1], "+") for metric, pair in zip(less, pairs, strict=True)
            ]
        rows.append(cells)
    return Grid(header, rows)


def show(estimate: Estimate | None, decimals: int, sign: str = "") -> str:
    """`103.21 ± 0.11`; `103.21` for a single seed, `-` for none."""
    if estimate is None:
        return "-"
    mean = f"{estimate.mean:{sign}.{decimals}f}"
    return mean if math.isnan(estimate.stderr) else f"{mean} ± {estimate.stderr:.{decimals}f}"


def print_grid(grid: Grid) -> None:
    """In at most 100 columns."""
    table = Table(box=None, header_style="", pad_edge=False)
    for name in grid.header:
        table.add_column(name, justify="right", overflow="fold")
    for row in grid.rows:
        table.add_row(*row)
    console = Console(width=WIDTH, highlight=False, markup=False, color_system=None)
    console.print(table)


def save_table(path: Path, settings: Sequence[Setting]) -> None:
    """Every metric of every setting, as CSV: mean, standard error and count. Raises FileError."""
    metrics = sorted({key for s in settings for run in s.runs.values() for key in run.metrics})
    keys = list(settings[0].values) if settings else []
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            columns = [f"{m}{part}" for m in metrics for part in ("", ".stderr", ".seeds")]
            writer.writerow([*keys, *columns])
            for setting in settings:
                numbers = [setting.estimate(metric) or ("", "", 0) for metric in metrics]
                texts = [text_of(value) for value in setting.values.values()]
                cells = [
                    "" if number != number else number for three in numbers for number in three
                ]
                writer.writerow([*texts, *cells])
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None


def to_html(grid: Grid) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)

    body = "\n".join(f"<tr>{line(row, 'td')}</tr>" for row in grid.rows)
    return (
        f"<table><thead><tr>{line(grid.header, 'th')}</tr></thead>\n<tbody>{body}</tbody></table>"
    )
