"""Pictures made of images of any shape and colour."""

from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure

from mnist_vae.analysis.manifold import Grid, Walks
from mnist_vae.figures.style import RunLabel
from mnist_vae.figures.tiles import (
    class_walks_figure,
    manifold_figure,
    plural,
    reconstructions_figure,
    samples_figure,
    traversals_figure,
)

LETTERS = RunLabel("Letters", "letter", [f"letter {i}" for i in range(26)], ["mlp"], 2, 0)
AXIS = np.linspace(-3, 3, 20)


def picture_of(figure: Figure) -> np.ndarray:
    """What imshow was given, as colours from 0 to 1, (height, width, 3)."""
    (image,) = figure.axes[0].get_images()
    drawn = np.asarray(image.get_array(), dtype=float)
    if drawn.ndim == 2:
        assert image.norm.vmin == 0
        assert image.norm.vmax == 1
        drawn = image.cmap(drawn)[..., :3]
    return drawn


def test_colours_lie_where_they_should_and_gaps_only_where_images_fill_their_square() -> None:
    x = np.random.default_rng(0).random((2, 3, 5, 7, 3))
    plain = picture_of(samples_figure(x, LETTERS))
    assert plain.shape == (10, 21, 3)
    for row, column in np.ndindex(2, 3):
        there = plain[5 * row : 5 * row + 5, 7 * column : 7 * column + 7]
        assert np.array_equal(there, x[row, column])
    spaced = picture_of(samples_figure(x, LETTERS._replace(filled=True)))
    height, width = spaced.shape[0] // 2, spaced.shape[1] // 3
    for row, column in np.ndindex(2, 3):
        tile = spaced[height * row : height * (row + 1), width * column : width * (column + 1)]
        inside = (tile != 1).any(axis=(1, 2)), (tile != 1).any(axis=(0, 2))
        edges = [np.flatnonzero(side)[0] for side in inside]
        assert edges[0] == edges[1] >= 1, "the same paper on all sides"
        image = tile[inside[0]][:, inside[1]]
        times = len(image) // 5
        assert np.array_equal(image, x[row, column].repeat(times, axis=0).repeat(times, axis=1))


@pytest.mark.parametrize("background", [True, False])
def test_grey_is_ink_on_paper_where_0_is_the_background(background) -> None:
    x = np.zeros((1, 2, 4, 4))
    x[0, 1] = 1
    run = LETTERS._replace(background=background, filled=True)
    picture = picture_of(samples_figure(x, run))
    left, right = picture[len(picture) // 2, [len(picture) // 2, -len(picture) // 2], 0]
    assert (left, right) == ((1, 0) if background else (0, 1))
    assert (picture[0] == 1).all(), "the paper"


@pytest.mark.parametrize("shape", [(5, 23), (23, 5), (8, 8), (9, 12, 3)])
@pytest.mark.parametrize("filled", [True, False])
@pytest.mark.parametrize("kind", ["manifold", "row", "walks", "traversals"])
def test_pixels_are_square_and_tiles_lie_at_their_values_of_z(shape, filled, kind) -> None:
    run = LETTERS._replace(filled=filled, background=False)
    rows = {"manifold": 5, "row": 1}.get(kind, 3)
    x, axis = np.random.default_rng(0).random((rows, 5, *shape)), np.linspace(-2, 2, 5)
    walks = Walks(x, axis, [0] * rows, np.zeros(rows))
    if kind == "walks":
        figure = class_walks_figure(walks, 1.0, np.ones(4), np.arange(rows), run)
    elif kind == "traversals":
        figure = traversals_figure(walks, np.ones(4), run)
    else:
        run = run._replace(latent_dim=2 if kind == "manifold" else 1)
        figure = manifold_figure(Grid(x, axis), 1.0, np.ones(run.latent_dim), run)
    figure.draw_without_rendering()
    ax = figure.axes[0]
    (image,) = ax.get_images()
    drawn = np.asarray(image.get_array())
    box = ax.get_window_extent()
    assert box.height / drawn.shape[0] == pytest.approx(box.width / drawn.shape[1])
    left, right = ax.get_xlim()
    tile = drawn.shape[1] // 5
    centres = left + (np.arange(5) + 0.5) * tile / drawn.shape[1] * (right - left)
    assert centres == pytest.approx(axis)


@pytest.mark.parametrize("shape", [(28, 28), (5, 23), (32, 32, 3)])
@pytest.mark.parametrize("rows", [2, 4, 26])
def test_walks_of_few_and_many_classes_leave_no_blank_band(shape, rows) -> None:
    walks = Walks(np.zeros((rows, 20, *shape)), AXIS, [0] * rows, np.zeros(rows))
    run = LETTERS._replace(filled=len(shape) == 3)
    figure = class_walks_figure(walks, 1.0, np.ones(4), np.arange(rows), run)
    figure.draw_without_rendering()
    (heading,), ax = figure.texts, figure.axes[0]
    inches = (heading.get_window_extent().y0 - ax.get_window_extent().y1) / figure.dpi
    assert 0 < inches < 0.25
    assert ax.get_window_extent().width > 0.75 * figure.bbox.width
    names = [label.get_window_extent() for label in ax.get_yticklabels()]
    gaps = [above.y0 - below.y1 for above, below in pairwise(names)]
    assert min(gaps) >= -1, "the names of rows overlap by no more than a pixel"


def test_the_squared_error_is_that_of_each_value() -> None:
    images = np.zeros((1, 2, 4, 4, 3))
    x_mean = images.copy()
    x_mean[..., 0] = 0.3
    (heading,) = reconstructions_figure(images, x_mean, LETTERS).texts
    assert "mean squared error 0.0300 per pixel and colour" in heading.get_text()


def test_nouns_in_titles() -> None:
    nouns = "digit", "class", "class (number)", "\u6587\u5b57"
    assert [plural(noun) for noun in nouns] == ["digits", "classes", "classes", "\u6587\u5b57"]
