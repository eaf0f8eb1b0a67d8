"""The codes of test images, coloured by class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mnist_vae.figures.style import COLORS, WIDTH, RunLabel, plt, title

if TYPE_CHECKING:
    from mnist_vae.analysis.planes import Plane


def latent_figure(
    planes: Sequence["Plane"], labels: np.ndarray, active_units: int, run: RunLabel
) -> Figure:
    """A panel for each of one or two `planes`, coloured by `labels` (N,); for latent_dim 1, the
    densities along it."""
    number = f"{len(labels):,} test images, active units: {active_units}"
    figure, axes = plt.subplots(1, len(planes), figsize=(WIDTH, 5.6 if len(planes) == 1 else 4.3))
    for ax, plane in zip(np.atleast_1d(axes), planes, strict=True):
        if run.latent_dim == 1:
            draw_densities(ax, plane.points[:, 0], labels, run)
            ax.set_ylabel(f"{run.class_noun}; above it, the density of its images")
        else:
            draw_scatter(ax, plane.points, labels)
            ax.set_ylabel(plane.axes[1])
        ax.set_xlabel(plane.axes[0])
        ax.set_title(plane.basis, fontsize=9)
    if run.latent_dim > 1:
        add_legend(figure, labels, run, below=len(planes) > 1)
    figure.suptitle(title("z_mean", run, number))
    return figure


def draw_scatter(ax: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    """The same scale on both axes, one colour per class."""
    ax.scatter(*points.T, c=COLORS[labels], s=5, alpha=0.6, linewidths=0)
    ax.set_aspect("equal", adjustable="datalim")
    ax.axhline(0, color="0.85", lw=0.8, zorder=0)
    ax.axvline(0, color="0.85", lw=0.8, zorder=0)


def add_legend(figure: Figure, labels: np.ndarray, run: RunLabel, below: bool) -> None:
    """One for all panels, of the classes that are there."""
    dots = [
        Line2D([], [], color=tuple(COLORS[label]), label=run.class_names[label], marker="o", ls="")
        for label in np.unique(labels)
    ]
    style: dict[str, Any] = {"title": run.class_noun, "frameon": False, "handletextpad": 0.3}
    if below:
        columns = 10 if max(map(len, run.class_names)) == 1 else 4
        style |= {"loc": "outside lower center", "ncols": columns, "columnspacing": 1.0}
    else:
        style["loc"] = "outside right center"
    figure.legend(handles=dots, **style)


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
    for label, density in densities.items():
        top = label + 1.6 * density / highest
        ax.fill_between(x, label, top, color=COLORS[label], alpha=0.75, lw=0, zorder=20 - label)
        ax.plot(x, top, color="white", lw=0.8, zorder=20 - label)
    ax.set_yticks(range(len(run.class_names)), run.class_names)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
