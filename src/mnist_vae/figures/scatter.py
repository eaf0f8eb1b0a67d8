"""The codes of test images, coloured by class."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mnist_vae.figures.style import HIGHEST, WIDTH, RunLabel, class_colors, plt, title

FEW = 10  # classes, at most, whose names fit beside a panel, and their densities on one scale
NAMED = 60  # classes, at most
SMALL = 7  # points
FITS = 0.97  # of the figure's width; letters are not quite as wide at the resolution of a file
ROOM = 0.75  # inches that a legend may take from the height of two panels

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
    if run.latent_dim == 1:
        height = min(max(height, 0.22 * classes), HIGHEST)
    figure, axes = plt.subplots(1, len(planes), figsize=(WIDTH, height))
    for ax, plane in zip(np.atleast_1d(axes), planes, strict=True):
        if run.latent_dim == 1:
            draw_densities(ax, plane.points[:, 0], labels, run)
            scale = ", all drawn equally high" if classes > FEW else ""
            ax.set_ylabel(f"{run.class_noun}; above it, the density of its images{scale}")
        else:
            draw_scatter(ax, plane.points, class_colors(classes)[labels])
            ax.set_ylabel(plane.axes[1])
        ax.set_xlabel(plane.axes[0])
        ax.set_title(plane.basis, fontsize=9)
    if run.latent_dim > 1 and classes <= NAMED:
        add_legend(figure, labels, run, room=ROOM if len(planes) > 1 else 0)
    figure.suptitle(title("z_mean", run, number))
    return figure


def draw_scatter(ax: Axes, points: np.ndarray, colors: np.ndarray) -> None:
    """The same scale on both axes; `colors` (N, 3) are those of the points' classes."""
    ax.scatter(*points.T, c=colors, s=5, alpha=0.6, linewidths=0)
    ax.set_aspect("equal", adjustable="datalim")
    ax.axhline(0, color="0.85", lw=0.8, zorder=0)
    ax.axvline(0, color="0.85", lw=0.8, zorder=0)


def add_legend(figure: Figure, labels: np.ndarray, run: RunLabel, room: float) -> None:
    """One for all panels, of the classes that are there. It stands below them if there are `room`
    inches or if it is long; what it takes beyond these, the figure grows by."""
    names, colors = run.short_names, class_colors(len(run.class_names))
    dots = [
        Line2D([], [], color=tuple(colors[label]), label=names[label], marker="o", ls="")
        for label in np.unique(labels)
    ]
    style: dict[str, Any] = {"title": run.class_noun, "frameon": False, "handletextpad": 0.3}
    if len(names) > FEW:
        height = legend_below(figure, dots, 13, style | {"fontsize": SMALL})
    elif room:
        height = legend_below(figure, dots, 10 if max(map(len, names)) == 1 else 4, style)
    else:
        figure.legend(handles=dots, loc="outside right center", **style)
        return
    figure.set_figheight(figure.get_figheight() + max(0, height - room))


def legend_below(
    figure: Figure, dots: Sequence[Line2D], most: int, style: Mapping[str, Any]
) -> float:
    """Of as many columns as fit into the width, at most `most`; returns its height in inches."""
    style = {"loc": "outside lower center", "columnspacing": 1.0, **style}
    for columns in range(most, 1, -1):
        legend = figure.legend(handles=by_rows(dots, columns), ncols=columns, **style)
        if legend.get_window_extent().width < FITS * figure.bbox.width:
            break
        legend.remove()
    else:
        legend = figure.legend(handles=dots, **style)
    return legend.get_window_extent().height / figure.dpi


def by_rows(dots: Sequence[Line2D], columns: int) -> list[Line2D]:
    """In the order in which a legend, which goes down its columns, reads from left to right."""
    return [dot for column in range(columns) for dot in dots[column::columns]]


def draw_densities(ax: Axes, z: np.ndarray, labels: np.ndarray, run: RunLabel) -> None:
    """`z` (N,): for each class its density along the one dimension, the first at the bottom."""
    from scipy.stats import gaussian_kde  # takes 0.5 s to load, needed only for latent_dim 1

    margin = 0.05 * (np.ptp(z) or 1.0)
    x = np.linspace(z.min() - margin, z.max() + margin, 500)
    by_class = {int(k): z[labels == k].astype(np.float64) for k in np.unique(labels)}
    densities = {
        label: gaussian_kde(values)(x) for label, values in by_class.items() if np.ptp(values) > 0
    }
    classes = len(run.class_names)
    highest = max((density.max() for density in densities.values()), default=1.0)
    colors, line = class_colors(classes), 0.8 * min(1, FEW / classes)
    for label, density in densities.items():
        # On the scale of the narrowest of many classes, the others would be flat.
        top = label + 1.6 * density / (highest if classes <= FEW else density.max())
        ax.fill_between(x, label, top, color=colors[label], alpha=0.75, lw=0, zorder=20 - label)
        ax.plot(x, top, color="white", lw=line, zorder=20 - label)
    every = math.ceil(classes / NAMED)
    ax.set_yticks(range(0, classes, every), run.short_names[::every])
    if classes > FEW:
        ax.set_ylim(-0.5, classes + 1)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
