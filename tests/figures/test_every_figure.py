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
from mnist_vae.figures.scatter import latent_figure
from mnist_vae.figures.style import RunLabel
from mnist_vae.figures.tiles import (
    class_walks_figure,
    manifold_figure,
    reconstructions_figure,
    samples_figure,
    traversals_figure,
)
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


LAST_TEN, TEN = list(range(63, 53, -1)), np.arange(10)
LONG_NAMES = [f"the long name of class number {number}" for number in range(60)]
MANY = RUN._replace(class_names=LONG_NAMES)
SHAPES = [(8, 8), (5, 23), (23, 5), (32, 32, 3)]


def of_shape(shape: tuple[int, ...], *rows_and_columns: int) -> np.ndarray:
    return np.random.default_rng(0).random((*rows_and_columns, *shape))


def many(labels: np.ndarray, latent_dim: int) -> Figure:
    run = MANY._replace(latent_dim=latent_dim)
    z = np.random.default_rng(0).normal(size=(len(labels), latent_dim))
    return latent_figure(planes(z, labels, z, labels), labels, latent_dim, run)


def drawn(what: str, shape: tuple[int, ...]) -> Figure:
    """Of images that fill their square, hence with gaps."""
    run, axis = RUN._replace(filled=True, background=False), np.linspace(-3, 3, 5)
    if what == "manifold":
        plane = run._replace(latent_dim=2)
        return manifold_figure(Grid(of_shape(shape, 5, 5), axis), 0.9, KL[:2], plane)
    if what == "row":
        line = run._replace(latent_dim=1)
        return manifold_figure(Grid(of_shape(shape, 1, 5), axis), 0.9, KL[:1], line)
    if what == "walks":
        chosen = Walks(of_shape(shape, 26, 5), axis, [0] * 26, np.zeros(26))
        return class_walks_figure(chosen, 0.9, KL, np.arange(26), MANY)
    if what == "samples":
        return samples_figure(of_shape(shape, 8, 16), run)
    return reconstructions_figure(of_shape(shape, 2, 4), of_shape(shape, 2, 4), run)


SIXTY = np.arange(240) % 60
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
    "class walks": lambda: class_walks_figure(walks(LAST_TEN), 0.9876, KL, TEN, RUN),
    "traversals": lambda: traversals_figure(walks(LAST_TEN), KL, RUN),
    "traversal of one dimension": lambda: traversals_figure(walks([0]), KL[:1], LINE),
    "samples": lambda: samples_figure(TILES, RUN),
    "scatter of 60 classes": lambda: many(SIXTY, 2),
    "two scatters of 60 classes": lambda: many(SIXTY, 3),
    "densities of 60 classes": lambda: many(SIXTY, 1),
    **{
        f"{what} of {shape}": lambda what=what, shape=shape: drawn(what, shape)
        for shape in SHAPES
        for what in ("manifold", "row", "walks", "samples", "reconstructions")
    },
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
