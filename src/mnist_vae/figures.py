"""Arrays -> Figure. The only import of matplotlib."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import matplotlib

matplotlib.use("Agg")  # before pyplot: draws to files, needs no screen

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from mnist_vae.latents import Plane
    from mnist_vae.manifold import Manifold

NAMES = {"mnist": "MNIST", "mnist_5k": "MNIST 5k"}
DIGITS = plt.get_cmap("tab10").colors  # categories, not a scale
WIDTH = 6.0  # inches; at artifacts.save_figure's 150 dots an inch, 900 pixels

plt.rcParams.update(
    {
        "font.size": 9,
        "axes.titlesize": 10,
        "figure.titlesize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.constrained_layout.use": True,
    }
)


class Run(NamedTuple):
    """What each title names."""

    dataset: str
    latent_dim: int


def heading(what: str, run: Run, number: str) -> str:
    """The two lines over each figure: what it shows of which run, and its main number."""
    return f"{what} · {NAMES[run.dataset]}, latent_dim {run.latent_dim}\n{number}"


def loss_figure(losses: Mapping[str, Sequence[float]], run: Run) -> Figure:
    """Total, recon and KL against the epoch; `losses` holds the columns of plots/loss.csv."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.9))
    terms = {"neg_elbo_nats": "negative ELBO", "recon_nats": "recon", "kl_nats": "KL"}
    for ax, (term, name) in zip(axes, terms.items(), strict=True):
        for split, color in (("train", DIGITS[0]), ("validation", DIGITS[1])):
            values = losses[f"{split}_{term}"]
            marker = "." if len(values) < 10 else ""
            ax.plot(losses["epoch"], values, color=color, label=split, marker=marker)
        ax.set(title=name, xlabel="epoch")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("nats per image")
    axes[0].legend(frameon=False)
    last = losses["validation_neg_elbo_nats"][-1]
    number = f"validation negative ELBO {last:.2f} nats per image after the last epoch"
    figure.suptitle(heading("Loss curves", run, number))
    return figure


def latent_figure(plane: "Plane", labels: np.ndarray, active_units: int, run: Run) -> Figure:
    """The points of `plane` by their digits `labels` (N,); for latent_dim 1, their densities."""
    number = f"{len(labels):,} test images, active units: {active_units}"
    x_label, y_label = plane.axes
    if plane.explained:
        first, second = plane.explained
        number += f"; {first + second:.0%} of the variance lies in this plane"
        x_label, y_label = f"{x_label} ({first:.0%})", f"{y_label} ({second:.0%})"
    figure, ax = plt.subplots(figsize=(WIDTH, 5.6))
    if run.latent_dim == 1:
        draw_densities(ax, plane.points[:, 0], labels)
        y_label = "digit; above it, the density of its images"
    else:
        draw_scatter(ax, plane.points, labels)
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.set_title(heading("z_mean", run, number), loc="left")
    return figure


def draw_scatter(ax: Axes, points: np.ndarray, labels: np.ndarray) -> None:
    """The same scale on both axes, one colour a digit."""
    ax.scatter(*points.T, c=np.array(DIGITS)[labels], s=5, alpha=0.6, linewidths=0)
    for digit in np.unique(labels):
        ax.scatter([], [], color=DIGITS[digit], label=str(digit), s=30)
    ax.set_aspect("equal", adjustable="datalim")
    ax.axhline(0, color="0.85", lw=0.8, zorder=0)
    ax.axvline(0, color="0.85", lw=0.8, zorder=0)
    ax.legend(title="digit", frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def draw_densities(ax: Axes, z: np.ndarray, labels: np.ndarray) -> None:
    """`z` (N,): for each digit its density along the one dimension, 0 at the bottom."""
    from scipy.stats import gaussian_kde  # 0.5 s to load, needed for latent_dim 1 alone

    margin = 0.05 * (np.ptp(z) or 1.0)
    x = np.linspace(z.min() - margin, z.max() + margin, 500)
    by_digit = {digit: z[labels == digit].astype(np.float64) for digit in np.unique(labels)}
    densities = {
        digit: gaussian_kde(values)(x) for digit, values in by_digit.items() if np.ptp(values) > 0
    }
    highest = max((density.max() for density in densities.values()), default=1.0)
    for digit, density in densities.items():
        top = digit + 1.6 * density / highest
        ax.fill_between(x, digit, top, color=DIGITS[digit], alpha=0.75, lw=0, zorder=20 - digit)
        ax.plot(x, top, color="white", lw=0.8, zorder=20 - digit)
    ax.set_yticks(range(10))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def manifold_figure(manifold: "Manifold", run: Run) -> Figure:
    """The tiles of `manifold`, the ticks the values of z, the title the KL of its dimensions."""
    axis, dims = manifold.axis, manifold.dims
    names = " and ".join(f"z_{dim + 1}" for dim in dims)
    nats = " and ".join(f"{manifold.kl[dim]:.2f}" for dim in dims) + " nats"
    number = f"along {names} (KL {nats})"
    if run.latent_dim > 2:
        number = f"along {names}, the largest KL ({nats}); others held at 0"
    rows = len(manifold.x_mean)
    figure, ax = plt.subplots(figsize=(WIDTH, 6.3 if rows > 1 else 1.5))
    picture = tile(manifold.x_mean)
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1, extent=(0, len(axis), 0, rows))
    left = np.array([0, len(axis) // 6, len(axis) // 3])
    shown = np.unique([left, len(axis) - 1 - left])
    values = [f"{axis[i]:.2f}" for i in shown]
    ax.set_xticks(shown + 0.5, values)
    ax.set_xlabel(f"z_{dims[0] + 1}, quantiles of N(0, 1)")
    ax.set_yticks([])
    if len(dims) == 2:
        ax.set_yticks(shown + 0.5, values)
        ax.set_ylabel(f"z_{dims[1] + 1}, quantiles of N(0, 1)")
    ax.set_title(heading("Manifold of digits", run, number), loc="left")
    return figure


def samples_figure(x_mean: np.ndarray, run: Run) -> Figure:
    """`x_mean` (rows, columns, 28, 28) of draws from the prior."""
    rows, columns = x_mean.shape[:2]
    figure, ax = plt.subplots(figsize=(WIDTH, WIDTH * rows / columns + 0.5))
    show_tiles(ax, x_mean)
    number = f"decoder means of {rows * columns} draws z ~ N(0, I)"
    ax.set_title(heading("Samples", run, number), loc="left")
    return figure


def reconstructions_figure(images: np.ndarray, x_mean: np.ndarray, run: Run) -> Figure:
    """Images (rows, columns, 28, 28) in [0, 1]; below them, their z_mean decoded."""
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 3.5))
    pictures = {"images": images, "decoded z_mean": x_mean}
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        show_tiles(ax, picture)
        ax.set_ylabel(name)
    count, error = images.shape[0] * images.shape[1], np.square(images - x_mean).mean()
    number = f"{count} test images, mean squared error {error:.4f} a pixel"
    figure.suptitle(heading("Reconstructions", run, number))
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
