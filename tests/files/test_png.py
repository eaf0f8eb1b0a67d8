"""PNG files, read back by Pillow."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from mnist_vae.files.png import encode_png, save_figure


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (3, 4, 3)])
def test_pixels_come_back(shape) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(encode_png(pixels))) as image:
        assert np.array_equal(np.asarray(image), pixels)
        assert "dpi" not in image.info


def some_figure(height: float) -> Figure:
    figure = Figure(figsize=(6.0, height))
    figure.add_subplot().plot([1, 2], [3, 4])
    return figure


@pytest.mark.parametrize("height", [2.22, 4.445])
def test_a_figure_has_the_pixels_of_matplotlibs_own_picture_and_no_more(tmp_path, height) -> None:
    buffer = io.BytesIO()
    some_figure(height).savefig(buffer, format="png", dpi=150)
    save_figure(tmp_path / "a.png", some_figure(height))
    with Image.open(buffer) as theirs, Image.open(tmp_path / "a.png") as ours:
        assert np.array_equal(np.asarray(ours), np.asarray(theirs)[..., :3])
        assert ours.info.keys() == {"dpi"}
        assert ours.info["dpi"] == pytest.approx((150, 150), abs=0.1)
