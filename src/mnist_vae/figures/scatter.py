"""The codes of test images, coloured by class."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mnist_vae.figures.style import HIGHEST, WIDTH, RunLabel, class_colors, plt, title

OWN_COLORS = 10  # classes, beyond which their names need room below the panels
NAMED = 60  # classes, at most
SMALL = 7  # points

if TYPE_CHECKING:
    from mnist_vae.analysis.planes import Plane


def latent_figure(
    planes: Sequence["Plane"], labels: np.ndarray, active_units: int, run: RunLabel
) -> Figure:
    """A panel for each of one or two `planes`, coloured by `labels` (N,); for latent_dim 1, the
    densities along it."""
    number = f"{len(labels):,} test images, active units: {active_units}"
    classes = len(run.class_names)
    if classes > NAMED:
        number += f", {classes:,} classes"
    height = 5.6 if len(planes) == 1 else 4.3
    if classes > OWN_COLORS and run.latent_dim > 1:
        height += legend_height(run)
    elif run.latent_dim == 1:
        height = min(max(height, 0.22 * classes), HIGHEST)
    figure, axes = plt.subplots(1, len(planes), figsize=(WIDTH, height))
    for ax, plane in zip(np.atleast_1d(axes), planes, strict=True):
        if run.latent_dim == 1:
            draw_densities(ax, plane.points[:, 0], labels, run)
            ax.set_ylabel(f"{run.class_noun}; above it, the density of its images")
        else:
            draw_scatter(ax, plane.points, class_colors(classes)[labels])
            ax.set_ylabel(plane.axes[1])
        ax.set_xlabel(plane.axes[0])
        ax.set_title(plane.basis, fontsize=9)
    if run.latent_dim > 1:
        add_legend(figure, labels, run, below=len(planes) > 1)
    figure.suptitle(title("z_mean", run, number))
    return figure


def draw_scatter(ax: Axes, points: np.ndarray, colors: np.ndarray) -> None:
    """The same scale on both axes; `colors` (N, 3) are those of the points' classes."""
    ax.scatter(*points.T, c=colors, s=5, alpha=0.6, linewidths=0)
    ax.set_aspect("equal", adjustable="datalim")
    ax.axhline(0, color="0.85", lw=0.8, zorder=0)
    ax.axvline(0, color="0.85", lw=0.8, zorder=0)


def add_legend(figure: Figure, labels: np.ndarray, run: RunLabel, below: bool) -> None:
    """One for all panels, of the classes that are there; none if they are too many to name."""
    names, colors = run.short_names, class_colors(len(run.class_names))
    if len(names) > NAMED:
        return
    dots = [
        Line2D([], [], color=tuple(colors[label]), label=names[label], marker="o", ls="")
        for label in np.unique(labels)
    ]
    style: dict[str, Any] = {"title": run.class_noun, "frameon": False, "handletextpad": 0.3}
    if len(names) > OWN_COLORS:
        below, columns = True, legend_columns(run)
        style["fontsize"] = SMALL
    else:
        columns = 10 if max(map(len, run.class_names)) == 1 else 4
    if below:
        style |= {"loc": "outside lower center", "ncols": columns, "columnspacing": 1.0}
    else:
        style["loc"] = "outside right center"
    figure.legend(handles=dots, **style)


def legend_columns(run: RunLabel) -> int:
    longest = max(map(len, run.short_names))
    return max(1, min(13, round(90 / (longest + 6))))


def legend_height(run: RunLabel) -> float:
    """In inches, below the panels."""
    if len(run.class_names) > NAMED:
        return 0
    return 0.3 + 0.15 * math.ceil(len(run.class_names) / legend_columns(run))


def draw_densities(ax: Axes, z: np.ndarray, labels: np.ndarray, run: RunLabel) -> None:
    """`z` (N,): for each class its density along the one dimension, the first at the bottom."""
    from scipy.stats import gaussian_kde  # takes 0.5 s to load, needed only for latent_dim 1

    margin = 0.05 * (np.ptp(z) or 1.0)
    x = np.linspace(z.min() - margin, z.max() + margin, 500)
    by_class = {label: z[labels == label].astype(np.float64) for label in np.unique(labels)}
    densities = {
        label: gaussian_kde(values)(x) for label, values in by_class.items() if np.ptp(values) > 0
    }
    highest = max((density.max() for density in densities.values()), default=1.0)
    colors = class_colors(len(run.class_names))
    for label, density in densities.items():
        top = label + 1.6 * density / highest
        ax.fill_between(x, label, top, color=colors[label], alpha=0.75, lw=0, zorder=20 - label)
        ax.plot(x, top, color="white", lw=0.8, zorder=20 - label)
    every = math.ceil(len(run.class_names) / NAMED)
    ax.set_yticks(range(0, len(run.class_names), every), run.short_names[::every])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
