"""plots/*.png: figures as files."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_vae.files.outs import write_out

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def save_figure(path: Path, figure: "Figure") -> None:
    """A PNG of 150 dots per inch, without the Software tag, which names matplotlib's version.

    Raises FileError.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    write_out(path, buffer.getvalue())
