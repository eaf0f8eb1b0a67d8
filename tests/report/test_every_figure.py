"""Every figure: its title, its size, that nothing is cut off, and that its bytes repeat."""

import re
from collections.abc import Callable
from typing import cast

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from mnist_vae.analysis.latents import ACTIVE_RULE, Plane, planes
from mnist_vae.analysis.manifold import Grid, Walks
from mnist_vae.files.pictures import save_figure
from mnist_vae.report.curves import kl_figure, loss_figure
from mnist_vae.report.digits import (
    class_walks_figure,
    manifold_figure,
    reconstructions_figure,
    samples_figure,
    traversals_figure,
)
from mnist_vae.report.figures import RunLabel
from mnist_vae.report.scatter import latent_figure

NAMES = [f"a long name {letter}" for letter in "abcdefghij"]
MODEL = ["network", "continuous bernoulli", "beta 0.25", "warm-up 100"]
RUN = RunLabel("A longer data set", "article", NAMES, MODEL, 64, 1234567890)
LINE = RUN._replace(latent_dim=1)
TILES = np.zeros((2, 4, 28, 28))
LABELS = np.arange(50) % 10
KL = np.linspace(1, 12.3456, 64)


def losses() -> Figure:
    terms = ("neg_elbo_nats", "recon_nats", "kl_nats")
    columns = {
        f"{split}_{term}": [200.0, 150.0] for split in ("train", "validation") for term in terms
    }
    return loss_figure({"epoch": [1.0, 2.0]} | columns, RUN)


def kl() -> Figure:
    return kl_figure(KL, KL > 1.6, ACTIVE_RULE, RUN)


def kl_with_names() -> Figure:
    return kl_figure(KL[:20], KL[:20] > 0, ACTIVE_RULE, RUN._replace(latent_dim=20))


def scatter() -> Figure:
    plane = Plane(np.random.default_rng(0).normal(size=(50, 2)), ("z_1", "z_2"))
    return latent_figure([plane], LABELS, 2, RUN._replace(latent_dim=2))


def two_scatters() -> Figure:
    z = np.random.default_rng(0).normal(size=(50, 3))
    return latent_figure(planes(z, LABELS, z, LABELS), LABELS, 64, RUN)


def densities() -> Figure:
    points = np.column_stack([np.random.default_rng(0).normal(size=50), LABELS])
    return latent_figure([Plane(points, ("z_1", "class"))], LABELS, 1, LINE)


def manifold() -> Figure:
    grid = Grid(np.zeros((4, 4, 28, 28)), np.linspace(-3, 3, 4))
    return manifold_figure(grid, 0.9876, KL[:2], RUN._replace(latent_dim=2))


def manifold_of_one_row() -> Figure:
    grid = Grid(np.zeros((1, 20, 28, 28)), np.linspace(-3, 3, 20))
    return manifold_figure(grid, 0.9876, KL[:1], LINE)


def manifold_of_one_tile() -> Figure:
    grid = Grid(np.zeros((1, 1, 28, 28)), np.zeros(1))
    return manifold_figure(grid, 0.9876, KL[:2], RUN._replace(latent_dim=2))


def walks(rows: int) -> Walks:
    x_mean = np.zeros((rows, 20, 28, 28))
    return Walks(x_mean, np.linspace(-3, 3, 20), list(range(63, 63 - rows, -1)), np.zeros(rows))


def class_walks() -> Figure:
    return class_walks_figure(walks(10), 0.9876, KL, RUN)


def traversals() -> Figure:
    return traversals_figure(walks(10), KL, RUN)


def traversal_of_one_dimension() -> Figure:
    return traversals_figure(walks(1)._replace(dims=[0]), KL[:1], LINE)


def samples() -> Figure:
    return samples_figure(TILES, RUN)


def reconstructions() -> Figure:
    return reconstructions_figure(TILES, TILES + 0.5, RUN)


FIGURES: list[Callable[[], Figure]] = [
    losses,
    kl,
    kl_with_names,
    scatter,
    two_scatters,
    densities,
    manifold,
    manifold_of_one_row,
    manifold_of_one_tile,
    class_walks,
    traversals,
    traversal_of_one_dimension,
    samples,
    reconstructions,
]
each_figure = pytest.mark.parametrize("make", FIGURES)


@each_figure
def test_the_title_names_the_run_and_nothing_is_cut_off(make) -> None:
    figure = make()
    figure.canvas.draw()
    texts = [cast(Text, text).get_text() for text in figure.findobj(Text)]
    run = re.compile(rf"A longer data set, {', '.join(MODEL)}, latent_dim \d+, seed 1234567890 ")
    assert sum(bool(run.search(f"{text} ".replace("\n", " "))) for text in texts) == 1
    width, height = figure.get_size_inches()
    left, bottom, right, top = figure.get_tightbbox().extents
    assert min(left, bottom) >= 0
    assert right <= width
    assert top <= height


@each_figure
def test_the_png_is_900_pixels_wide_and_the_same_bytes_twice(make, tmp_path) -> None:
    save_figure(tmp_path / "a.png", make())
    save_figure(tmp_path / "b.png", make())
    assert matplotlib.image.imread(tmp_path / "a.png").shape[1] == 900
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
