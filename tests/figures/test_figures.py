"""What the figures show and say, on planted cases."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any, cast

import matplotlib.image
import numpy as np
import pytest
from default_run import ROOT, params_with
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from mnist_vae.analysis.manifold import Grid, Walks
from mnist_vae.analysis.planes import Plane, planes
from mnist_vae.figures.curves import kl_figure, loss_figure
from mnist_vae.figures.scatter import latent_figure
from mnist_vae.figures.style import COLORS, RunLabel
from mnist_vae.figures.style import title as figure_title
from mnist_vae.figures.tiles import (
    class_walks_figure,
    manifold_figure,
    reconstructions_figure,
    traversals_figure,
)
from mnist_vae.files.dataset import Dataset


def digits(latent_dim: int) -> RunLabel:
    return RunLabel("MNIST", "digit", "0123456789", ["mlp"], latent_dim, 7)


NAMES = [f"letter {name}" for name in "ABCDEFGHIJ"]
LETTERS = RunLabel("Letters", "letter", NAMES, ["mlp"], 2, 0)
KL = np.array([0.1, 2.5, 0.2, 1.5])


def title(figure: Figure) -> str:
    texts = [cast(Text, text).get_text() for text in figure.findobj(Text)]
    (found,) = [text for text in texts if "latent_dim" in text]
    return found


def rendered(figure: Figure) -> tuple[np.ndarray, Callable[[float, float], tuple[int, int]]]:
    """The figure's pixels, grey, and a function from data coordinates to (row, column)."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    buffer.seek(0)
    picture = matplotlib.image.imread(buffer)[..., :3].mean(axis=2)
    figure.set_dpi(100)
    to_display = figure.axes[0].transData.transform

    def at(x: float, y: float) -> tuple[int, int]:
        column, row = to_display((x, y))
        return round(len(picture) - row), round(column)

    return picture, at


DATASET = Dataset("MNIST 5k", "digit", [*"0123456789"], True, True, False)


def test_titles_name_the_run_and_what_is_not_a_plain_vae_of_grey_levels() -> None:
    def named(**changes: Any) -> str:
        return figure_title(
            "Samples", RunLabel.of(params_with(**changes), DATASET), ""
        ).splitlines()[0]

    plain = "Samples · MNIST 5k, mlp, latent_dim 3, seed 5"
    run = {"dataset": "mnist_5k", "latent_dim": 3, "seed": 5}
    assert named(**run) == plain
    binarised = {"model__likelihood": "binarised", "objective__importance_samples": 5}
    assert named(**run, **binarised) == plain.replace("mlp", "mlp, binarised, k 5")
    beta = {"objective__beta": 4, "objective__warm_up_epochs": 3}
    assert named(**run, **beta) == plain.replace("mlp", "mlp, beta 4, warm-up 3")
    label = RunLabel.of(params_with(**run), DATASET)
    assert label == digits(3)._replace(dataset="MNIST 5k", class_names=[*"0123456789"], seed=5)


@pytest.mark.parametrize("epochs", [[1.0], [1.0, 2.0]])
def test_the_loss_curves_are_those_of_each_split(epochs) -> None:
    terms = ("neg_elbo_nats", "recon_nats", "kl_nats")
    keys = [f"{split}_{term}" for term in terms for split in ("train", "validation")]
    losses = {key: [10.0 / epoch + i for epoch in epochs] for i, key in enumerate(keys)}
    figure = loss_figure({"epoch": epochs} | losses, digits(2))
    drawn = [line for ax in figure.axes for line in ax.get_lines()]
    assert [np.asarray(line.get_ydata()).tolist() for line in drawn] == list(losses.values())
    assert [np.asarray(line.get_xdata()).tolist() for line in drawn] == [epochs] * 6
    assert [line.get_label() for line in drawn] == ["train", "validation"] * 3
    assert [ax.get_title() for ax in figure.axes] == ["negative ELBO", "recon", "KL"]
    last = losses["validation_neg_elbo_nats"][-1]
    assert f"validation negative ELBO {last:.2f} nats per image after the last" in title(figure)
    for ax in figure.axes:
        low, high = ax.get_xlim()
        assert [tick for tick in ax.get_xticks() if low <= tick <= high] == epochs


def bars(figure: Figure) -> list[Rectangle]:
    return [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]


def test_the_bars_of_kl_are_sorted_and_coloured_by_activity() -> None:
    active = np.array([False, True, False, True])
    figure = kl_figure(KL, active, "the rule", digits(4))
    ax = figure.axes[0]
    found = {bar.get_x() + bar.get_width() / 2: bar for bar in bars(figure)}
    assert [found[position].get_height() for position in range(4)] == [2.5, 1.5, 0.2, 0.1]
    colors = [found[position].get_facecolor()[:3] for position in range(4)]
    assert colors[0] == colors[1] == pytest.approx(COLORS[0])
    assert colors[2] == colors[3] != colors[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["z_2", "z_4", "z_3", "z_1"]
    assert "4.30 nats per test image, 2 of 4 dimensions active" in title(figure)


def test_the_rendered_manifold_has_z_1_to_the_right_and_z_2_upwards() -> None:
    """4 x 4 white tiles; black where z_1 is largest and z_2 smallest."""
    x_mean = np.zeros((4, 4, 28, 28))
    x_mean[-1, -1] = 1
    grid = Grid(x_mean, np.linspace(-3, 3, 4))
    figure = manifold_figure(grid, 0.931, KL[:2], digits(2))
    picture, at = rendered(figure)
    assert picture[at(3, -3)] < 0.1
    assert picture[at(-3, -3)] > 0.9
    assert picture[at(3, 3)] > 0.9
    assert "93.1% of the test images lie inside; KL 0.10 and 2.50 nats" in title(figure)
    ax = figure.axes[0]
    assert ax.get_xlim() == ax.get_ylim() == (-4, 4)
    assert np.array_equal(ax.get_xticks(), ax.get_yticks())
    labels = [label.get_text().replace("\N{MINUS SIGN}", "-") for label in ax.get_xticklabels()]
    assert [float(label) for label in labels] == ax.get_xticks().tolist()


def test_the_rendered_scatter_has_z_1_to_the_right_and_z_2_upwards() -> None:
    labels = np.array([3] * 50 + [1] * 50)
    points = np.repeat([[2.0, 1.0], [-2.0, -1.0]], 50, axis=0)
    figure = latent_figure([Plane(points, ("z_1", "z_2"))], labels, 2, LETTERS)
    drawn = cast(PathCollection, figure.axes[0].collections[0])
    assert np.array_equal(np.asarray(drawn.get_offsets()), points)
    assert np.asarray(drawn.get_facecolor())[0, :3] == pytest.approx(COLORS[3])
    assert figure.axes[0].get_aspect() == 1
    picture, at = rendered(figure)
    here, row_above = at(2.0, 1.0), at(-2.0, -1.0)[0]
    assert picture[here] < 0.9
    assert here[0] < row_above
    (legend,) = figure.legends
    assert legend.get_title().get_text() == "letter"
    assert [text.get_text() for text in legend.get_texts()] == ["letter B", "letter D"]
    assert "100 test images, active units: 2" in title(figure)


def test_one_dimension_is_a_strip_of_densities_and_may_have_collapsed() -> None:
    z = np.random.default_rng(0).normal(size=(40, 1))
    labels = np.repeat([2, 7], 20)
    run = LETTERS._replace(latent_dim=1)
    ax = latent_figure(planes(z, labels, z, labels), labels, 1, run).axes[0]
    fills = cast(list[PolyCollection], ax.collections)
    bottoms = sorted(round(fill.get_datalim(ax.transData).y0) for fill in fills)
    assert bottoms == [2, 7]
    assert ax.get_xlabel() == "z_1"
    assert [label.get_text() for label in ax.get_yticklabels()] == run.class_names
    rendered(latent_figure(planes(0 * z, labels, 0 * z, labels), labels, 0, run))


@pytest.mark.parametrize("draw", [class_walks_figure, traversals_figure])
def test_each_walk_is_a_row_framed_where_it_starts(draw) -> None:
    """Two rows of three white tiles; black where each starts."""
    x_mean = np.zeros((2, 3, 28, 28))
    x_mean[0, 2] = x_mean[1, 0] = 1
    walks = Walks(x_mean, np.array([-1.0, 0.0, 1.0]), [1, 3], np.array([0.8, -7.0]))
    if draw is class_walks_figure:
        figure = draw(walks, 0.978, KL, np.array([0, 1]), digits(4))
        assert "each class's mean code (framed); 97.8% of the test images" in title(figure)
        assert figure.axes[0].get_xlabel() == "z_2 (KL 2.50 nats, the largest)"
        names = ["0", "1"]
    else:
        figure = draw(walks, KL, digits(4))
        names = ["z_2: 2.50 nats", "z_4: 1.50 nats"]
    picture, at = rendered(figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == names
    assert picture[at(1, 0.5)] < 0.1
    assert picture[at(-1, 1.5)] < 0.1
    assert picture[at(0, 0.5)] > 0.9
    assert [frame.get_xy() for frame in bars(figure)] == [(0.5, 0), (-1.5, 1)]


def test_each_reconstruction_lies_right_below_its_image() -> None:
    images = np.zeros((2, 10, 28, 28))
    images[1, 2] = 0.25
    figure = reconstructions_figure(images, images + 0.5, digits(2))
    assert "20 test images, mean squared error 0.2500 per pixel" in title(figure)
    pictures = [np.asarray(ax.get_images()[0].get_array()) for ax in figure.axes]
    assert pictures[1][14, 2 * 28 + 14] == 0.25
    for picture in pictures:
        assert picture.shape == (2 * 28, 10 * 28)
        assert (picture[28:] == picture[:28] + 0.5).all()


def test_a_matplotlibrc_changes_nothing(tmp_path) -> None:
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\nlines.linewidth: 9\n")
    code = (
        "from mnist_vae.figures.style import plt;"
        "print(plt.rcParams['axes.facecolor'], plt.rcParams['lines.linewidth'])"
    )
    env = os.environ | {"MATPLOTLIBRC": str(tmp_path), "PYTHONPATH": str(ROOT / "src")}
    said = subprocess.check_output([sys.executable, "-c", code], env=env, text=True)
    assert said == "white 1.5\n"
