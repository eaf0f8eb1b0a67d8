"""PNG files, read back by Pillow."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_vae.files.png import encode_png


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (7, 5), (3, 4, 3), (1, 300, 3)])
def test_pixels_come_back(shape) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(encode_png(pixels))) as image:
        assert np.array_equal(np.asarray(image), pixels)
        assert "dpi" not in image.info


def test_the_size_on_paper_is_kept() -> None:
    with Image.open(io.BytesIO(encode_png(np.zeros((2, 3), np.uint8), 150))) as image:
        assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
