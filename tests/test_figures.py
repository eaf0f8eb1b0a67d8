"""What the figures show and say: orientation on planted cases, titles, sizes."""

import io

import matplotlib.image
import numpy as np
import pytest

from mnist_vae.artifacts import save_figure
from mnist_vae.figures import (
    DIGITS,
    Run,
    latent_figure,
    loss_figure,
    manifold_figure,
    plt,
    reconstructions_figure,
    samples_figure,
    tile,
)
from mnist_vae.latents import Plane, plane
from mnist_vae.manifold import Manifold


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def title(figure) -> str:
    return figure.get_suptitle() or figure.axes[0].get_title(loc="left")


def planted_manifold(latent_dim: int) -> Manifold:
    """4 x 4 white tiles; black where z_1 is largest and z_2 smallest."""
    x_mean = np.zeros((4, 4, 28, 28))
    x_mean[-1, -1] = 1
    return Manifold(x_mean, np.linspace(-1, 1, 4), [0, 1], np.full(latent_dim, 1.5))


def pixels_of(figure) -> tuple[np.ndarray, object]:
    """The rendered figure, grey, and a function from data coordinates to (row, column)."""
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


def test_the_rendered_manifold_has_z_1_to_the_right_and_z_2_upwards() -> None:
    figure = manifold_figure(planted_manifold(2), Run("mnist", 2))
    picture, at = pixels_of(figure)
    assert picture[at(3.5, 0.5)] < 0.1  # right end of z_1, lower end of z_2
    assert picture[at(0.5, 0.5)] > 0.9
    assert picture[at(3.5, 3.5)] > 0.9
    ticks = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    positions = figure.axes[0].get_yticks()
    assert sorted(ticks, key=float) == [t for _, t in sorted(zip(positions, ticks, strict=True))]


def test_the_rendered_scatter_has_z_1_to_the_right_and_z_2_upwards() -> None:
    labels = np.array([3] * 50 + [1] * 50)
    points = np.repeat([[2.0, 1.0], [-2.0, -1.0]], 50, axis=0)
    figure = latent_figure(Plane(points, ("z_1", "z_2")), labels, 2, Run("mnist", 2))
    ax = figure.axes[0]
    drawn = ax.collections[0]
    assert np.array_equal(drawn.get_offsets(), points)
    assert drawn.get_facecolors()[0, :3] == pytest.approx(DIGITS[3])
    assert ax.get_aspect() == 1
    picture, at = pixels_of(figure)
    here, row_above = at(2.0, 1.0), at(-2.0, -1.0)[0]
    assert picture[here] < 0.9
    assert here[0] < row_above


def test_the_scatter_of_components_says_what_they_explain() -> None:
    projected = Plane(np.zeros((4, 2)), ("first", "second"), (0.42, 0.17))
    figure = latent_figure(projected, np.arange(4), 5, Run("mnist_5k", 8))
    assert "MNIST 5k, latent_dim 8" in title(figure)
    assert "59%" in title(figure)
    assert figure.axes[0].get_xlabel() == "first (42%)"
    assert figure.axes[0].get_ylabel() == "second (17%)"


def test_one_dimension_is_a_strip_of_densities() -> None:
    z = np.random.default_rng(0).normal(size=(40, 1))
    labels = np.repeat([2, 7], 20)
    figure = latent_figure(plane(z, z, labels, threads=1), labels, 1, Run("mnist", 1))
    ax = figure.axes[0]
    bottoms = sorted(round(fill.get_datalim(ax.transData).y0) for fill in ax.collections)
    assert bottoms == [2, 7]
    assert ax.get_xlabel() == "z_1"


def test_the_manifold_says_which_dimensions_vary() -> None:
    kl = np.array([0.1, 2.5, 0.2, 1.5])
    manifold = Manifold(np.zeros((3, 3, 28, 28)), np.arange(3.0), [1, 3], kl)
    figure = manifold_figure(manifold, Run("mnist", 4))
    expected = "along z_2 and z_4, the largest KL (2.50 and 1.50 nats); others held at 0"
    assert expected in title(figure)
    assert figure.axes[0].get_xlabel().startswith("z_2")
    assert figure.axes[0].get_ylabel().startswith("z_4")


def test_tile_puts_rows_above_each_other() -> None:
    x = np.arange(2 * 3).reshape(2, 3, 1, 1) * np.ones((1, 1, 2, 2))
    assert tile(x)[::2, ::2].tolist() == [[0, 1, 2], [3, 4, 5]]


def all_figures() -> dict[str, object]:
    run = Run("mnist", 64)
    losses = {
        f"{split}_{term}": [200.0, 150.0]
        for split in ("train", "validation")
        for term in ("neg_elbo_nats", "recon_nats", "kl_nats")
    }
    projected = Plane(np.random.default_rng(0).normal(size=(50, 2)), ("a", "b"), (0.5, 0.3))
    tiles = np.zeros((2, 4, 28, 28))
    row = Manifold(np.zeros((1, 20, 28, 28)), np.linspace(-1, 1, 20), [0], np.ones(1))
    return {
        "loss": loss_figure({"epoch": [1, 2]} | losses, run),
        "latent": latent_figure(projected, np.arange(50) % 10, 64, run),
        "manifold": manifold_figure(planted_manifold(64), run),
        "manifold row": manifold_figure(row, Run("mnist", 1)),
        "samples": samples_figure(tiles, run),
        "reconstructions": reconstructions_figure(tiles, tiles + 0.5, run),
    }


def test_every_title_names_the_run_and_fits_the_figure() -> None:
    for name, figure in all_figures().items():
        assert "MNIST, latent_dim" in title(figure), name
        figure.canvas.draw()
        outer = figure.get_window_extent()
        texts = [*figure.texts, *(ax._left_title for ax in figure.axes)]
        for text in texts:
            extent = text.get_window_extent()
            assert extent.x0 >= 0, (name, text.get_text())
            assert extent.x1 <= outer.x1, (name, text.get_text())


def test_every_png_is_900_pixels_wide_and_the_same_bytes_twice(tmp_path) -> None:
    for name, figure in all_figures().items():
        save_figure(tmp_path / "a.png", figure)
        again = all_figures()[name]
        save_figure(tmp_path / "b.png", again)
        assert matplotlib.image.imread(tmp_path / "a.png").shape[1] == 900, name
        assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes(), name
        plt.close("all")
