"""plots/*.png."""

import io
import struct

import numpy as np
import pytest
from files.examples import some_figure
from PIL import Image

from mnist_vae.files.pictures import figure_png, save_figure


def test_a_picture_has_150_dots_per_inch_and_names_no_software(tmp_path) -> None:
    save_figure(tmp_path / "a.png", some_figure())
    content = (tmp_path / "a.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (150, 150)  # one inch
    assert b"Software" not in content
    assert b"tEXt" not in content


@pytest.mark.parametrize("height", [2.22, 1.11, 3.33, 4.445, 2.0])
def test_pixels_and_size_are_those_of_matplotlibs_own_picture(height) -> None:
    figures, buffer = (some_figure(), some_figure()), io.BytesIO()
    for figure in figures:
        figure.set_size_inches(6.0, height)
    figures[0].savefig(buffer, format="png", dpi=150)
    with Image.open(buffer) as theirs, Image.open(io.BytesIO(figure_png(figures[1]))) as ours:
        assert np.array_equal(np.asarray(ours), np.asarray(theirs)[..., :3])
