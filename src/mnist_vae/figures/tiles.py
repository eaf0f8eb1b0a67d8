"""Pictures made of images: the manifold, walks, samples and reconstructions."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from mnist_vae.figures.style import COLORS, HIGHEST, WIDTH, RunLabel, plt, title

LARGEST = 0.9  # inches of a square image's side; as much paper has another, where there are few
FINE = 48  # pixels, at least, of a side with paper around it
MARGIN = 0.15  # inches above and below a picture
GAP = 16  # as many gaps have the width of a side
FLAT = 0.5  # height over width of a row with a name, at least

if TYPE_CHECKING:
    from mnist_vae.analysis.manifold import Grid, Walks


def manifold_figure(grid: "Grid", inside: float, kl: np.ndarray, run: RunLabel) -> Figure:
    """The decoded `grid` over all one or two dimensions; `inside` is the share of the test images
    whose z_mean it covers, `kl` (latent_dim,) is in nats."""
    x_mean = spaced(grid.x_mean, run)
    sides = proportions(x_mean)
    width, (low, high) = tile_width(grid.axis), edges(grid.axis)
    plane = run.latent_dim == 2
    flat = not plane or sides < 1  # and so bounded by the width alone
    size = HIGHEST if flat else min(0.9 + 5.4 * sides, HIGHEST)
    figure, ax = plt.subplots(figsize=(WIDTH, size))
    across = (low, high) if plane else (0, width)
    show(ax, x_mean, run, extent=(low, high, *across), aspect=sides)
    ax.set(xlabel="z_1", ylabel="z_2", yticks=ax.get_xticks(), ylim=across)
    if not plane:
        ax.set(ylabel="", yticks=[])
        ax.spines["left"].set_visible(False)
    nats = " and ".join(f"{value:.2f}" for value in kl)
    number = f"{inside:.1%} of the test images lie inside; KL {nats} nats"
    figure.suptitle(title(f"Manifold of {plural(run.class_noun)}", run, number))
    if flat:
        trim(figure, ax)
    return figure


def class_walks_figure(
    walks: "Walks", inside: float, kl: np.ndarray, classes: np.ndarray, run: RunLabel
) -> Figure:
    """The manifold of more than two dimensions: a row for each of `classes`."""
    dim = walks.dims[0]
    walks = walks._replace(x_mean=spaced(with_room_for_names(walks.x_mean, run), run))
    figure, ax = plt.subplots(figsize=(WIDTH, HIGHEST))
    draw_walks(ax, walks, [run.short_names[label] for label in classes], run)
    ax.set(xlabel=f"z_{dim + 1} (KL {kl[dim]:.2f} nats, the largest)", ylabel=run.class_noun)
    number = f"from each class's mean code (framed); {inside:.1%} of the test images lie inside"
    figure.suptitle(title(f"Manifold of {plural(run.class_noun)}", run, number))
    trim(figure, ax)
    return figure


def traversals_figure(walks: "Walks", kl: np.ndarray, run: RunLabel) -> Figure:
    """A row for each of the dimensions that `walks` go along, with its KL in nats."""
    walks = walks._replace(x_mean=spaced(with_room_for_names(walks.x_mean, run), run))
    figure, ax = plt.subplots(figsize=(WIDTH, HIGHEST))
    draw_walks(ax, walks, [f"z_{dim + 1}: {kl[dim]:.2f} nats" for dim in walks.dims], run)
    ax.set(xlabel="value of that dimension")
    number = "from the z_mean of one test image (framed); the largest KL first"
    figure.suptitle(title("Traversals", run, number))
    trim(figure, ax)
    return figure


def trim(figure: Figure, ax: Axes) -> None:
    """Take from a figure's height what its picture, as wide as there is room, leaves blank."""
    ax.set_anchor("S")  # matplotlib keeps no room for labels below a picture in the middle
    figure.draw_without_rendering()
    lowest = min(text.get_window_extent().y0 for text in figure.texts)
    picture = cast(Bbox, ax.get_tightbbox())  # None of what is not drawn
    height = (figure.bbox.height - lowest + picture.height) / figure.dpi + MARGIN
    figure.set_figheight(min(height, figure.get_figheight()))


def walks_height(walks: "Walks") -> float:
    """Of all rows, in inches."""
    rows, columns = walks.x_mean.shape[:2]
    return 0.85 * WIDTH * rows / columns * proportions(walks.x_mean)


def draw_walks(ax: Axes, walks: "Walks", names: Sequence[str], run: RunLabel) -> None:
    """A row of tiles for each walk, the first at the top, with a frame where it starts."""
    rows, width = len(walks.x_mean), tile_width(walks.axis)
    low, high = edges(walks.axis)
    aspect = width * proportions(walks.x_mean)
    show(ax, walks.x_mean, run, extent=(low, high, rows, 0), aspect=aspect)
    row_points = 72 * walks_height(walks) / rows
    size = min(plt.rcParams["font.size"], 0.8 * row_points)
    ax.set_yticks(np.arange(rows) + 0.5, names, fontsize=size)
    ax.tick_params(axis="y", length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for row, start in enumerate(walks.starts):
        left = float(walks.axis[np.abs(walks.axis - start).argmin()]) - width / 2
        frame = Rectangle((left, row), width, 1, fill=False, color=COLORS[1], lw=1.2)
        ax.add_patch(frame).set_clip_on(False)


def plural(noun: str) -> str:
    """`digits`, `classes`; of "class (number)" what stands before the bracket."""
    word = noun.split(" (")[0]
    if not word[-1:].isascii():  # of another script, whose grammar has no such ending
        return word
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def tile_width(axis: np.ndarray) -> float:
    """In units of z; a single tile has a width of 1."""
    return float(axis[1] - axis[0]) if len(axis) > 1 else 1.0


def edges(axis: np.ndarray) -> tuple[float, float]:
    """The left edge of the first tile and the right edge of the last."""
    half = tile_width(axis) / 2
    return float(axis[0]) - half, float(axis[-1]) + half


def samples_figure(x_mean: np.ndarray, run: RunLabel) -> Figure:
    """`x_mean` (rows, columns, H, W[, 3]) of draws from the prior."""
    x_mean = spaced(x_mean, run)
    rows, columns = x_mean.shape[:2]
    height = WIDTH * rows / columns * proportions(x_mean) + 0.5
    figure, ax = plt.subplots(figsize=(WIDTH, min(height, HIGHEST)))
    show_tiles(ax, x_mean, run)
    number = f"decoder means of {rows * columns} draws z ~ N(0, I)"
    figure.suptitle(title("Samples", run, number))
    return figure


def reconstructions_figure(images: np.ndarray, x_mean: np.ndarray, run: RunLabel) -> Figure:
    """Each of `images` (rows, columns, H, W[, 3]) in [0, 1] above what its z_mean decodes to."""
    rows, columns = images.shape[:2]
    pairs = np.stack([images, x_mean], axis=1).reshape(2 * rows, *images.shape[1:])
    pairs = spaced(with_room_for_names(pairs, run), run)
    sides = proportions(pairs)
    side = min(WIDTH / columns * sides, LARGEST * math.sqrt(sides))
    height = min(0.6 + 2 * side * rows, HIGHEST)
    figure, axes = plt.subplots(rows, 1, figsize=(WIDTH, height), squeeze=False)
    for ax, pair in zip(axes[:, 0], np.split(pairs, rows), strict=True):
        height = show_tiles(ax, pair, run)
        ax.set_yticks([height / 4, 0.75 * height], ["image", "decoded\nz_mean"])
        ax.tick_params(axis="y", length=0)
    count, error = rows * columns, np.square(images - x_mean).mean()
    number = f"{count} test images, mean squared error {error:.4f} per {unit(images)}"
    figure.suptitle(title("Reconstructions", run, number))
    return figure


def unit(images: np.ndarray) -> str:
    return "pixel" if images.ndim == 4 else "pixel and colour"


def show_tiles(ax: Axes, x: np.ndarray, run: RunLabel) -> int:
    """Without axes; returns the picture's height, of which the ticks are parts."""
    height = show(ax, x, run)
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)
    return height


def proportions(x: np.ndarray) -> float:
    """Height over width of images (rows, columns, H, W[, 3])."""
    return x.shape[2] / x.shape[3]


def show(ax: Axes, x: np.ndarray, run: RunLabel, **placed: Any) -> int:
    """Draw images (rows, columns, H, W[, 3]) in [0, 1] side by side: colours as they are, grey ones
    as ink on paper if 0 is their background. Returns the picture's height."""
    picture = tile(x)
    scale = {"cmap": "gray_r" if run.background else "gray", "vmin": 0, "vmax": 1}
    ax.imshow(picture, **({} if x.ndim == 5 else scale), **placed)
    return len(picture)


def spaced(x: np.ndarray, run: RunLabel) -> np.ndarray:
    """Images that fill their square with paper around them, their pixels repeated so that the paper
    may be thinner; others as they are."""
    if not run.filled:
        return x
    times = -(-FINE // max(x.shape[2:4]))
    edge = max(1, round(times * max(x.shape[2:4]) / GAP / 2))
    return padded(x.repeat(times, axis=2).repeat(times, axis=3), edge, edge, run)


def with_room_for_names(x: np.ndarray, run: RunLabel) -> np.ndarray:
    """Flat images with paper above and below, so that a row has the height of its name."""
    _, _, height, width = x.shape[:4]
    return padded(x, max(0, math.ceil((FLAT * width - height) / 2)), 0, run)


def padded(x: np.ndarray, above: int, beside: int, run: RunLabel) -> np.ndarray:
    """With so many pixels of paper on either side."""
    paper = 0.0 if run.background and x.ndim == 4 else 1.0
    around = [(0, 0), (0, 0), (above, above), (beside, beside), (0, 0)][: x.ndim]
    return np.pad(x, around, constant_values=paper)


def tile(x: np.ndarray) -> np.ndarray:
    """Images (rows, columns, H, W[, 3]) -> one picture (rows * H, columns * W[, 3])."""
    rows, columns, height, width, *colours = x.shape
    return x.swapaxes(1, 2).reshape(rows * height, columns * width, *colours)
