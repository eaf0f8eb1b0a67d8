"""Every figure: its title, its size, and that nothing is cut off."""

import re
from typing import cast

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from mnist_vae.analysis.latents import ACTIVE_RULE
from mnist_vae.analysis.manifold import Grid, Walks
from mnist_vae.analysis.planes import Plane, planes
from mnist_vae.figures.curves import kl_figure, loss_figure
from mnist_vae.figures.tiles import (
    class_walks_figure,
    manifold_figure,
    reconstructions_figure,
    samples_figure,
    traversals_figure,
)
from mnist_vae.figures.scatter import latent_figure
from mnist_vae.figures.style import RunLabel
from mnist_vae.files.png import figure_png

NAMES = [f"a long name {letter}" for letter in "abcdefghij"]
MODEL = ["network", "continuous bernoulli", "beta 0.25", "warm-up 100"]
RUN = RunLabel("A longer data set", "article", NAMES, MODEL, 64, 1234567890)
PLANE, LINE = RUN._replace(latent_dim=2), RUN._replace(latent_dim=1)
TILES = np.zeros((2, 4, 28, 28))
LABELS = np.arange(50) % 10
KL = np.linspace(1, 12.3456, 64)
Z = np.random.default_rng(0).normal(size=(50, 3))
TERMS = ("neg_elbo_nats", "recon_nats", "kl_nats")
LOSSES = {f"{split}_{term}": [200.0, 150.0] for split in ("train", "validation") for term in TERMS}


def grid(rows: int, columns: int) -> Grid:
    axis = np.linspace(-3, 3, columns) if columns > 1 else np.zeros(1)
    return Grid(np.zeros((rows, columns, 28, 28)), axis)


def walks(dims: list[int]) -> Walks:
    x_mean = np.zeros((len(dims), 20, 28, 28))
    return Walks(x_mean, np.linspace(-3, 3, 20), dims, np.zeros(len(dims)))


LAST_TEN = list(range(63, 53, -1))
FIGURES = {
    "losses": lambda: loss_figure({"epoch": [1.0, 2.0]} | LOSSES, RUN),
    "kl": lambda: kl_figure(KL, KL > 1.6, ACTIVE_RULE, RUN),
    "kl of 20": lambda: kl_figure(KL[:20], KL[:20] > 0, ACTIVE_RULE, RUN._replace(latent_dim=20)),
    "scatter": lambda: latent_figure([Plane(Z[:, :2], ("z_1", "z_2"))], LABELS, 2, PLANE),
    "two scatters": lambda: latent_figure(planes(Z, LABELS, Z, LABELS), LABELS, 64, RUN),
    "densities": lambda: latent_figure([Plane(Z[:, :2], ("z_1", "class"))], LABELS, 1, LINE),
    "manifold": lambda: manifold_figure(grid(4, 4), 0.9876, KL[:2], PLANE),
    "manifold of one row": lambda: manifold_figure(grid(1, 20), 0.9876, KL[:1], LINE),
    "manifold of one tile": lambda: manifold_figure(grid(1, 1), 0.9876, KL[:2], PLANE),
    "class walks": lambda: class_walks_figure(walks(LAST_TEN), 0.9876, KL, RUN),
    "traversals": lambda: traversals_figure(walks(LAST_TEN), KL, RUN),
    "traversal of one dimension": lambda: traversals_figure(walks([0]), KL[:1], LINE),
    "samples": lambda: samples_figure(TILES, RUN),
    "reconstructions": lambda: reconstructions_figure(TILES, TILES + 0.5, RUN),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_title_names_the_run_and_nothing_is_cut_off(name) -> None:
    figure: Figure = FIGURES[name]()
    figure.set_dpi(150)  # as in the file
    png = figure_png(figure)
    texts = [cast(Text, text).get_text() for text in figure.findobj(Text)]
    run = re.compile(rf"A longer data set, {', '.join(MODEL)}, latent_dim \d+, seed 1234567890 ")
    assert sum(bool(run.search(f"{text} ".replace("\n", " "))) for text in texts) == 1
    width, height = figure.get_size_inches()
    left, bottom, right, top = figure.get_tightbbox().extents
    assert min(left, bottom) >= 0
    assert right <= width
    assert top <= height
    assert int.from_bytes(png[16:20], "big") == 900, "the width in PNG's header"
