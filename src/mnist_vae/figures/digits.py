"""Pictures made of images: the manifold, walks, samples and reconstructions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mnist_vae.figures.style import COLORS, WIDTH, RunLabel, plt, title

if TYPE_CHECKING:
    from mnist_vae.analysis.manifold import Grid, Walks


def manifold_figure(grid: "Grid", inside: float, kl: np.ndarray, run: RunLabel) -> Figure:
    """The decoded `grid` over all one or two dimensions; `inside` is the share of the test images
    whose z_mean it covers, `kl` (latent_dim,) is in nats."""
    figure, ax = plt.subplots(figsize=(WIDTH, 6.3 if run.latent_dim == 2 else 1.65))
    width, (low, high) = tile_width(grid.axis), edges(grid.axis)
    across = (low, high) if run.latent_dim == 2 else (0, width)
    extent = low, high, across[0], across[1]
    ax.imshow(tile(grid.x_mean), cmap="gray_r", vmin=0, vmax=1, extent=extent)
    ax.set(xlabel="z_1", ylabel="z_2", yticks=ax.get_xticks(), ylim=across)
    if run.latent_dim == 1:
        ax.set(ylabel="", yticks=[])
        ax.spines["left"].set_visible(False)
    nats = " and ".join(f"{value:.2f}" for value in kl)
    number = f"{inside:.1%} of the test images lie inside; KL {nats} nats"
    figure.suptitle(title(f"Manifold of {run.class_noun}s", run, number))
    return figure


def class_walks_figure(
    walks: "Walks", inside: float, kl: np.ndarray, classes: np.ndarray, run: RunLabel
) -> Figure:
    """The manifold of more than two dimensions: a row for each of `classes`."""
    dim = walks.dims[0]
    figure, ax = plt.subplots(figsize=(WIDTH, 4.2))
    draw_walks(ax, walks, [str(run.class_names[label]) for label in classes])
    ax.set(xlabel=f"z_{dim + 1} (KL {kl[dim]:.2f} nats, the largest)", ylabel=run.class_noun)
    number = f"from each class's mean code (framed); {inside:.1%} of the test images lie inside"
    figure.suptitle(title(f"Manifold of {run.class_noun}s", run, number))
    return figure


def traversals_figure(walks: "Walks", kl: np.ndarray, run: RunLabel) -> Figure:
    """A row for each of the dimensions that `walks` go along, with its KL in nats."""
    rows, columns = walks.x_mean.shape[:2]
    figure, ax = plt.subplots(figsize=(WIDTH, max(1.6, 1.2 + 0.85 * WIDTH * rows / columns)))
    draw_walks(ax, walks, [f"z_{dim + 1}: {kl[dim]:.2f} nats" for dim in walks.dims])
    ax.set(xlabel="value of that dimension")
    number = "from the z_mean of one test image (framed); the largest KL first"
    figure.suptitle(title("Traversals", run, number))
    return figure


def draw_walks(ax: Axes, walks: "Walks", names: Sequence[str]) -> None:
    """A row of tiles for each walk, the first at the top, with a frame where it starts."""
    rows, width = len(walks.x_mean), tile_width(walks.axis)
    low, high = edges(walks.axis)
    shown = {"cmap": "gray_r", "vmin": 0, "vmax": 1, "aspect": width}
    ax.imshow(tile(walks.x_mean), extent=(low, high, rows, 0), **shown)
    ax.set_yticks(np.arange(rows) + 0.5, names)
    ax.tick_params(axis="y", length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for row, start in enumerate(walks.starts):
        left = float(walks.axis[np.abs(walks.axis - start).argmin()]) - width / 2
        frame = Rectangle((left, row), width, 1, fill=False, color=COLORS[1], lw=1.2)
        ax.add_patch(frame).set_clip_on(False)


def tile_width(axis: np.ndarray) -> float:
    """In units of z; a single tile has a width of 1."""
    return float(axis[1] - axis[0]) if len(axis) > 1 else 1.0


def edges(axis: np.ndarray) -> tuple[float, float]:
    """The left edge of the first tile and the right edge of the last."""
    half = tile_width(axis) / 2
    return float(axis[0]) - half, float(axis[-1]) + half


def samples_figure(x_mean: np.ndarray, run: RunLabel) -> Figure:
    """`x_mean` (rows, columns, 28, 28) of draws from the prior."""
    rows, columns = x_mean.shape[:2]
    figure, ax = plt.subplots(figsize=(WIDTH, WIDTH * rows / columns + 0.5))
    show_tiles(ax, x_mean)
    number = f"decoder means of {rows * columns} draws z ~ N(0, I)"
    figure.suptitle(title("Samples", run, number))
    return figure


def reconstructions_figure(images: np.ndarray, x_mean: np.ndarray, run: RunLabel) -> Figure:
    """Each of images (rows, columns, 28, 28) in [0, 1] right above what its z_mean decodes to."""
    figure, axes = plt.subplots(len(images), 1, figsize=(WIDTH, 0.6 + 1.2 * len(images)))
    for ax, pair in zip(axes, np.stack([images, x_mean], axis=1), strict=True):
        show_tiles(ax, pair)
        height = images.shape[2]
        ax.set_yticks([height / 2, 1.5 * height], ["image", "decoded\nz_mean"])
        ax.tick_params(axis="y", length=0)
    count, error = images.shape[0] * images.shape[1], np.square(images - x_mean).mean()
    number = f"{count} test images, mean squared error {error:.4f} per pixel"
    figure.suptitle(title("Reconstructions", run, number))
    return figure


def show_tiles(ax: Axes, x: np.ndarray) -> None:
    ax.imshow(tile(x), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)


def tile(x: np.ndarray) -> np.ndarray:
    """Images (rows, columns, H, W) -> one picture (rows * H, columns * W)."""
    rows, columns, height, width = x.shape
    return x.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
