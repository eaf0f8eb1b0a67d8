"""The loss curves, and the KL of each dimension."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mnist_vae.figures.style import COLORS, WIDTH, RunLabel, plt, title

NAMED_BARS = 20  # the most whose names can be read below them


def loss_figure(losses: Mapping[str, Sequence[float]], run: RunLabel) -> Figure:
    """Total, recon and KL against the epoch; `losses` holds the columns of plots/loss.csv."""
    figure, axes = plt.subplots(1, 3, figsize=(WIDTH, 2.9))
    terms = {"neg_elbo_nats": "negative ELBO", "recon_nats": "recon", "kl_nats": "KL"}
    for ax, (term, name) in zip(axes, terms.items(), strict=True):
        for split, color in (("train", COLORS[0]), ("validation", COLORS[1])):
            values = losses[f"{split}_{term}"]
            marker = "." if len(values) < 10 else ""
            ax.plot(losses["epoch"], values, color=color, label=split, marker=marker)
        ax.set(title=name, xlabel="epoch")
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("nats per image")
    axes[0].legend(frameon=False)
    last = losses["validation_neg_elbo_nats"][-1]
    number = f"validation negative ELBO {last:.2f} nats per image after the last epoch"
    figure.suptitle(title("Loss curves", run, number))
    return figure


def kl_figure(kl: np.ndarray, active: np.ndarray, rule: str, run: RunLabel) -> Figure:
    """A bar for each dimension, the largest first.

    `kl` (latent_dim,) in nats, `active` (latent_dim,) by what `rule` says.
    """
    order = np.argsort(-kl, kind="stable")
    figure, ax = plt.subplots(figsize=(WIDTH, 2.9))
    position, width = np.arange(len(kl)), min(0.8, 0.2 * len(kl))
    for chosen, color, name in ((active, COLORS[0], "active"), (~active, COLORS[7], "inactive")):
        shown = chosen[order]
        if shown.any():
            ax.bar(position[shown], kl[order][shown], width, color=color, label=name)
    ax.set(ylabel="KL in nats per image", xlim=(-0.6, len(kl) - 0.4))
    if len(kl) <= NAMED_BARS:
        ax.set_xticks(position, [f"z_{dim + 1}" for dim in order])
    else:
        ax.set(xticks=[], xlabel=f"{len(kl)} dimensions, the largest KL first")
    if not active.all():
        ax.legend(frameon=False)
    active_units = f"{active.sum()} of {len(kl)} dimensions active ({rule})"
    number = f"{kl.sum():.2f} nats per test image, {active_units}"
    figure.suptitle(title("KL of each dimension", run, number))
    return figure
