"""PNG files whose bytes depend on the pixels alone: W3C, Portable Network Graphics, third edition.

Pillow and Python compress with the system's zlib, of which no two releases need agree; libdeflate
is pinned.
"""

import base64
import io
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import deflate
import numpy as np

from mnist_vae.files.io import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB = 0, 2  # types of colour
INCH = 0.0254  # metres
LEVEL = 8  # of 12, of libdeflate's
DOTS_PER_INCH = 150  # of figures


def encode_png(pixels: np.ndarray, dots_per_inch: int | None = None) -> bytes:
    """Of uint8 `pixels`, grey (height, width) or RGB (height, width, 3), without filters: lines and
    strokes on an even background compress best so."""
    height, width, *channels = pixels.shape
    header = struct.pack(">2L5B", width, height, 8, RGB if channels else GREY, 0, 0, 0)
    lines = np.zeros((height, 1 + pixels[0].size), np.uint8)  # each opens with its filter, 0: none
    lines[:, 1:] = pixels.reshape(height, -1)
    parts = [SIGNATURE, chunk(b"IHDR", header)]
    if dots_per_inch:
        per_metre = round(dots_per_inch / INCH)
        parts.append(chunk(b"pHYs", struct.pack(">2LB", per_metre, per_metre, 1)))
    compressed = bytes(deflate.zlib_compress(lines.tobytes(), LEVEL))
    return b"".join([*parts, chunk(b"IDAT", compressed), chunk(b"IEND", b"")])


def chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", checksum)


def data_url(png: bytes) -> str:
    """The picture as an address, for a page that holds it."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def save_figure(path: Path, figure: "Figure") -> None:
    """Raises FileError."""
    write_bytes(path, figure_png(figure))


def figure_png(figure: "Figure") -> bytes:
    """A PNG of 150 dots per inch."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="rgba", dpi=DOTS_PER_INCH)
    # Whole pixels, as matplotlib counts them: 332.9999 of its own are 333.
    width, height = (figure.get_size_inches() * DOTS_PER_INCH + 1e-6).astype(int)
    rgba = np.frombuffer(buffer.getbuffer(), np.uint8).reshape(height, width, 4)
    return encode_png(rgba[..., :3], DOTS_PER_INCH)
