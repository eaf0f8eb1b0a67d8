"""plots/*.png: figures as files."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_vae.files.outs import write_out
from mnist_vae.files.png import encode_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150


def save_figure(path: Path, figure: "Figure") -> None:
    """Raises FileError."""
    write_out(path, figure_png(figure))


def figure_png(figure: "Figure") -> bytes:
    """A PNG of 150 dots per inch."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=DOTS_PER_INCH)
    # Whole pixels, as matplotlib counts them: 332.9999 of its own are 333.
    width, height = (figure.get_size_inches() * DOTS_PER_INCH + 1e-6).astype(int)
    rgba = np.frombuffer(buffer.getbuffer(), np.uint8).reshape(height, width, 4)
    return encode_png(rgba[..., :3], DOTS_PER_INCH)
