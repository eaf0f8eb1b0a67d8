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
from committed import ROOT, params_with
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from mnist_vae.analysis.latents import Plane, planes
from mnist_vae.analysis.manifold import Grid, Walks
from mnist_vae.report.curves import kl_figure, loss_figure
from mnist_vae.report.digits import (
    class_walks_figure,
    manifold_figure,
    reconstructions_figure,
    tile,
    traversals_figure,
)
from mnist_vae.report.figures import COLORS, RunLabel
from mnist_vae.report.figures import title as figure_title
from mnist_vae.report.scatter import latent_figure


def digits(latent_dim: int) -> RunLabel:
    return RunLabel("MNIST", "digit", "0123456789", ["mlp"], latent_dim, 7)


NAMES = [f"letter {name}" for name in "ABCDEFGHIJ"]
LETTERS = RunLabel("Letters", "letter", NAMES, ["mlp"], 2, 0)


def title(figure: Figure) -> str:
    texts = [cast(Text, text).get_text() for text in figure.findobj(Text)]
    (found,) = [text for text in texts if "latent_dim" in text]
    return found


KL = np.array([0.1, 2.5, 0.2, 1.5])


def planted_grid() -> Grid:
    """4 x 4 white tiles; black where z_1 is largest and z_2 smallest."""
    x_mean = np.zeros((4, 4, 28, 28))
    x_mean[-1, -1] = 1
    return Grid(x_mean, np.linspace(-3, 3, 4))


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


def test_the_label_of_a_run_comes_from_its_data_set() -> None:
    run = RunLabel.of(params_with(dataset="mnist_5k", latent_dim=3, seed=5))
    assert (run.dataset, run.class_noun) == ("MNIST 5k", "digit")
    assert (run.model, run.latent_dim, run.seed) == (["mlp"], 3, 5)
    assert list(run.class_names) == [str(digit) for digit in range(10)]


def test_titles_name_what_is_not_a_plain_vae_of_grey_levels() -> None:
    def named(**changes: Any) -> str:
        return figure_title("Samples", RunLabel.of(params_with(**changes)), "").splitlines()[0]

    plain = "Samples · MNIST, mlp, latent_dim 2, seed 0"
    assert named() == plain
    binarised = {"model__likelihood": "binarised", "objective__importance_samples": 5}
    assert named(**binarised) == plain.replace("mlp", "mlp, binarised, k 5")
    beta = {"objective__beta": 4, "objective__warm_up_epochs": 3}
    assert named(**beta) == plain.replace("mlp", "mlp, beta 4, warm-up 3")


@pytest.mark.parametrize("dims", [16, 160, 1600, 16000])
def test_a_long_title_is_broken_after_a_name_and_never_within_one(dims) -> None:
    changes = {"model__likelihood": "continuous_bernoulli", "objective__warm_up_epochs": 15}
    run = RunLabel.of(params_with(latent_dim=dims, **changes))
    *lines, number = figure_title("Reconstructions", run, "3 nats").split("\n")
    assert len(lines) > 1
    assert all(line.endswith(",") for line in lines[:-1])
    assert " ".join([*lines, number]).endswith(f"latent_dim {dims}, seed 0 3 nats")


def test_the_loss_curves_are_those_of_each_split() -> None:
    terms = ("neg_elbo_nats", "recon_nats", "kl_nats")
    keys = [f"{split}_{term}" for term in terms for split in ("train", "validation")]
    losses = {key: [10.0 + i, 5.0 + i] for i, key in enumerate(keys)}
    figure = loss_figure({"epoch": [1.0, 2.0]} | losses, digits(2))
    drawn = [line for ax in figure.axes for line in ax.get_lines()]
    assert [np.asarray(line.get_ydata()).tolist() for line in drawn] == list(losses.values())
    assert [np.asarray(line.get_xdata()).tolist() for line in drawn] == [[1, 2]] * 6
    assert [line.get_label() for line in drawn] == ["train", "validation"] * 3
    assert [ax.get_title() for ax in figure.axes] == ["negative ELBO", "recon", "KL"]
    assert "validation negative ELBO 6.00 nats per image after the last epoch" in title(figure)


def test_a_single_epoch_has_a_whole_number_below_it() -> None:
    terms = ("neg_elbo_nats", "recon_nats", "kl_nats")
    losses = {f"{split}_{term}": [1.0] for term in terms for split in ("train", "validation")}
    figure = loss_figure({"epoch": [1.0]} | losses, digits(2))
    figure.canvas.draw()
    for ax in figure.axes:
        low, high = ax.get_xlim()
        assert [tick for tick in ax.get_xticks() if low <= tick <= high] == [1.0]


def test_the_bars_of_kl_are_sorted_and_coloured_by_activity() -> None:
    figure = kl_figure(KL, np.array([False, True, False, True]), "the rule", digits(4))
    ax = figure.axes[0]
    heights = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in bars(figure)}
    assert [heights[position] for position in range(4)] == [2.5, 1.5, 0.2, 0.1]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["z_2", "z_4", "z_3", "z_1"]
    legend = ax.get_legend()
    assert legend is not None
    assert legend.get_title().get_text() == "the rule"
    assert "4.30 nats per test image, 2 of 4 dimensions active" in title(figure)


def bars(figure: Figure) -> list[Rectangle]:
    return [p for p in figure.axes[0].patches if isinstance(p, Rectangle)]


def test_the_rendered_manifold_has_z_1_to_the_right_and_z_2_upwards() -> None:
    figure = manifold_figure(planted_grid(), 0.931, KL[:2], digits(2))
    picture, at = rendered(figure)
    assert picture[at(3, -3)] < 0.1  # right end of z_1, lower end of z_2
    assert picture[at(-3, -3)] > 0.9
    assert picture[at(3, 3)] > 0.9
    assert "93.1% of the test images lie inside; KL 0.10 and 2.50 nats" in title(figure)


def test_the_ticks_of_the_manifold_are_values_of_z_in_equal_steps() -> None:
    figure = manifold_figure(planted_grid(), 0.931, KL[:2], digits(2))
    figure.canvas.draw()
    ax = figure.axes[0]
    assert ax.get_xlim() == ax.get_ylim() == (-4, 4)
    assert np.ptp(np.diff(ax.get_xticks())) < 1e-9
    assert np.array_equal(ax.get_xticks(), ax.get_yticks())
    labels = [label.get_text().replace("\N{MINUS SIGN}", "-") for label in ax.get_xticklabels()]
    assert [float(label) for label in labels] == ax.get_xticks().tolist()


def test_the_rendered_scatter_has_z_1_to_the_right_and_z_2_upwards() -> None:
    labels = np.array([3] * 50 + [1] * 50)
    points = np.repeat([[2.0, 1.0], [-2.0, -1.0]], 50, axis=0)
    figure = latent_figure([Plane(points, ("z_1", "z_2"))], labels, 2, LETTERS)
    ax = figure.axes[0]
    drawn = cast(PathCollection, ax.collections[0])
    assert np.array_equal(np.asarray(drawn.get_offsets()), points)
    assert np.asarray(drawn.get_facecolor())[0, :3] == pytest.approx(COLORS[3])
    assert ax.get_aspect() == 1
    picture, at = rendered(figure)
    here, row_above = at(2.0, 1.0), at(-2.0, -1.0)[0]
    assert picture[here] < 0.9
    assert here[0] < row_above


def test_the_legend_names_the_classes_that_are_there() -> None:
    labels = np.array([3, 1, 1])
    figure = latent_figure([Plane(np.zeros((3, 2)), ("z_1", "z_2"))], labels, 2, LETTERS)
    (legend,) = figure.legends
    assert legend.get_title().get_text() == "letter"
    assert [text.get_text() for text in legend.get_texts()] == ["letter B", "letter D"]
    assert "3 test images, active units: 2" in title(figure)


def test_each_of_two_planes_says_what_it_is_and_what_it_was_fitted_on() -> None:
    z, labels = np.random.default_rng(0).normal(size=(50, 3)), np.arange(50) % 10
    figure = latent_figure(planes(z, labels, z, labels), labels, 3, digits(8))
    components, discriminants = figure.axes
    assert components.get_title().startswith("PCA: ")
    assert "training images" in components.get_title()
    assert components.get_xlabel().startswith("first component (")
    assert discriminants.get_title().startswith("LDA: fitted on the training images")
    assert discriminants.get_ylabel() == "second discriminant"


def test_one_dimension_is_a_strip_of_densities() -> None:
    z = np.random.default_rng(0).normal(size=(40, 1))
    labels = np.repeat([2, 7], 20)
    run = LETTERS._replace(latent_dim=1)
    figure = latent_figure(planes(z, labels, z, labels), labels, 1, run)
    ax = figure.axes[0]
    fills = cast(list[PolyCollection], ax.collections)
    bottoms = sorted(round(fill.get_datalim(ax.transData).y0) for fill in fills)
    assert bottoms == [2, 7]
    assert ax.get_xlabel() == "z_1"
    assert [label.get_text() for label in ax.get_yticklabels()] == run.class_names


def test_a_collapsed_dimension_still_has_a_figure() -> None:
    z = np.zeros((20, 1))
    labels = np.repeat([2, 7], 10)
    figure = latent_figure(planes(z, labels, z, labels), labels, 0, digits(1))
    rendered(figure)
    assert "active units: 0" in title(figure)


def planted_walks() -> Walks:
    """Two rows of three white tiles; black where each starts."""
    x_mean = np.zeros((2, 3, 28, 28))
    x_mean[0, 2] = x_mean[1, 0] = 1
    return Walks(x_mean, np.array([-1.0, 0.0, 1.0]), [1, 3], np.array([0.8, -7.0]))


@pytest.mark.parametrize("draw", [class_walks_figure, traversals_figure])
def test_each_walk_is_a_row_framed_where_it_starts(draw) -> None:
    walks = planted_walks()
    if draw is class_walks_figure:
        run = digits(4)._replace(class_names="01")
        figure = draw(walks, 0.978, KL, run)
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
    figure = reconstructions_figure(images, images + 0.5, digits(2))
    assert "20 test images, mean squared error 0.2500 per pixel" in title(figure)
    for ax in figure.axes:
        picture = np.asarray(ax.get_images()[0].get_array())
        assert not picture[:28].any()
        assert (picture[28:] == 0.5).all()
        names = [label.get_text() for label in ax.get_yticklabels()]
        assert names == ["image", "decoded\nz_mean"]


def test_a_matplotlibrc_changes_nothing(tmp_path) -> None:
    (tmp_path / "matplotlibrc").write_text("axes.facecolor: red\nlines.linewidth: 9\n")
    say = "import mnist_vae.report.figures as f; print(sorted(f.plt.rcParams.items()))"
    command = [sys.executable, "-c", say]
    clean, own = (
        subprocess.run(
            command, env=os.environ | {"MATPLOTLIBRC": path, "PYTHONPATH": str(ROOT / "src")},
            check=True, capture_output=True, text=True,
        ).stdout
        for path in ("", str(tmp_path))
    )  # fmt: skip
    assert own == clean


def test_tile_puts_rows_above_each_other() -> None:
    x = np.arange(2 * 3).reshape(2, 3, 1, 1) * np.ones((1, 1, 2, 2))
    assert tile(x)[::2, ::2].tolist() == [[0, 1, 2], [3, 4, 5]]
