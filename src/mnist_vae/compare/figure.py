"""The figure of a grid: nats and accuracy against the swept parameter."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import NullLocator

from mnist_vae.compare.settings import SEED, Setting, label, sortable, text_of
from mnist_vae.figures.style import COLORS, plt

PANELS = {
    "test.nll_nats": "test -log p(x)\nnats per image",
    "test.neg_elbo_nats": "test negative ELBO\nnats per image",
    "latent.accuracy": "accuracy on z_mean",
}
NAMED = 16  # lines in the legend, at most
TICKED = 10  # values below the axis


def sweep_figure(settings: Sequence[Setting], metrics: Mapping[str, str] = PANELS) -> Figure:
    """A panel for each of `metrics` that there is, a line for each setting of the parameters beside
    the swept one.

    Dots are single runs; bars, where there are several seeds, their mean's standard error.
    """
    panels = [m for m in metrics if any(s.estimate(m) for s in settings)] or ["test.neg_elbo_nats"]
    swept = swept_key(settings)
    lines = lines_of(settings, swept)
    size = 4.2 * len(panels) + 0.4, 3.8
    layout = ConstrainedLayoutEngine(wspace=0.08)
    figure, axes = plt.subplots(1, len(panels), figsize=size, squeeze=False, layout=layout)
    for ax, metric in zip(axes[0], panels, strict=True):
        ax.set_ylabel(metrics[metric])
        ax.grid(alpha=0.3)
        place = x_axis(ax, settings, swept)
        for (name, line), color in zip(lines.items(), colors(len(lines)), strict=True):
            draw(ax, line, metric, swept, place, {"color": color, "label": name})
    if len(lines) > 1:
        handles, names = axes[0][0].get_legend_handles_labels()
        more = f"the first {NAMED} of {len(lines)} lines" if len(lines) > NAMED else None
        figure.legend(
            handles[:NAMED], names[:NAMED], loc="outside lower center", frameon=False,
            ncols=2 if max(map(len, names)) > 30 else 3, title=more,
        )  # fmt: skip
    seeds = {len(setting.runs) for setting in settings}
    count = f"{min(seeds)}" if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}"
    shape = "band" if swept == SEED else "bars"
    bars = f"; {shape}: standard error over seeds" if max(seeds) > 1 else ""
    figure.suptitle(f"settings: {len(settings)}, seeds of each: {count}{bars}")
    return figure


def swept_key(settings: Sequence[Setting]) -> str:
    """The parameter on the x axis: of the numbers the one with most values, else the seed or the
    first parameter."""
    found = {key: {repr(s.values[key]) for s in settings} for key in settings[0].values}
    numbers = [key for key in found if all(is_number(s.values[key]) for s in settings)]
    return max(numbers or found, key=lambda key: len(found[key]), default=SEED)


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def lines_of(settings: Sequence[Setting], swept: str) -> dict[str, list[Setting]]:
    """By their label, in the order of `settings`."""
    lines: dict[str, list[Setting]] = {}
    for setting in settings:
        others = {key: value for key, value in setting.values.items() if key != swept}
        lines.setdefault(label(others), []).append(setting)
    return lines


def colors(count: int) -> np.ndarray:
    if count <= len(COLORS):
        return COLORS[:count]
    return matplotlib.colormaps["viridis"](np.linspace(0, 0.9, count))


def values_of(settings: Sequence[Setting], swept: str) -> list[Any]:
    """Those on the x axis, once each."""
    if swept == SEED:
        return sorted({seed for s in settings for seed in s.runs})
    values = {repr(s.values[swept]): s.values[swept] for s in settings}
    return sorted(values.values(), key=sortable)


def x_axis(ax: Axes, settings: Sequence[Setting], swept: str) -> dict[str, float]:
    """Set up the axis; returns where on it each value lies, by its repr.

    Numbers lie where they are, on a log axis where that spaces them more evenly; all else, and a
    single value, in equal steps.
    """
    values = values_of(settings, swept)
    ax.set_xlabel(swept)
    numbers = all(map(is_number, values)) and len(values) > 1
    places = [float(v) for v in values] if numbers else [float(i) for i in range(len(values))]
    if numbers and asks_for_log(places):
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
    if not numbers:
        ax.set_xlim(-0.5, len(values) - 0.5)
    if not numbers or len(values) <= TICKED:
        ax.set_xticks(places, [text_of(value) for value in values])
    return {repr(value): place for value, place in zip(values, places, strict=True)}


def asks_for_log(values: Sequence[float]) -> bool:
    """Whether sorted `values` are spaced more evenly on a log axis; two, if ten times apart."""
    if values[0] <= 0:
        return False
    if len(values) == 2:
        return values[1] >= 10 * values[0]
    gaps, ratios = np.diff(values), np.diff(np.log(values))
    return float(np.std(ratios) / np.mean(ratios)) < float(np.std(gaps) / np.mean(gaps))


def draw(
    ax: Axes,
    line: Sequence[Setting],
    metric: str,
    swept: str,
    place: dict[str, float],
    style: dict[str, Any],
) -> None:
    """One line: each run a dot, means joined, with bars where there are several seeds."""
    runs = [(s.values.get(swept, seed), run) for s in line for seed, run in s.runs.items()]
    dots = [(place[repr(x)], run.metrics[metric]) for x, run in runs if metric in run.metrics]
    ax.plot(*zip(*dots, strict=True) if dots else ([], []), ".", alpha=0.5, color=style["color"])
    if swept == SEED:
        if (found := line[0].estimate(metric)) and found.count > 1:
            ax.axhline(found.mean, **style)
            ax.axhspan(found.mean - found.stderr, found.mean + found.stderr, alpha=0.15, lw=0)
        return
    means = [(place[repr(s.values[swept])], e) for s in line if (e := s.estimate(metric))]
    means.sort(key=lambda pair: pair[0])
    x, y = [at for at, _ in means], [e.mean for _, e in means]
    bars = [0 if math.isnan(e.stderr) else e.stderr for _, e in means]
    joined = {"linewidth": 1.2} if all(is_number(s.values[swept]) for s in line) else {"fmt": "_"}
    ax.errorbar(x, y, bars, capsize=3 if any(bars) else 0, **joined, **style)
