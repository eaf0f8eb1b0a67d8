"""Put the tables of results, and the picture of the grid, into README and docs.

A page holds a table between `<!-- results: NAME -->` and `<!-- end -->`.
"""

import re
from pathlib import Path

from mnist_vae.compare.figure import sweep_figure
from mnist_vae.files.io import read_bytes, write_bytes
from mnist_vae.files.png import figure_png
from mnist_vae.study.tables import grid_settings, table

PAGES = "README.md", "docs/*.md", "benchmarks/README.md"
FIGURE_PANELS = {
    "test.neg_elbo_nats": "test negative ELBO\nnats per image",
    "latent.accuracy": "accuracy on z_mean",
    "test.active_units": "active units",
}
FIGURE = Path("docs/pictures/grid.png")
PLACE = re.compile(r"(<!-- results: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def made() -> dict[Path, bytes]:
    """The pages with tables, and the picture of the grid, as docs/results gives them. Raises
    DataError, FileError and GitError."""
    found = {}
    for path in sorted(path for pattern in PAGES for path in Path().glob(pattern)):
        text = read_bytes(path).decode()
        found[path] = PLACE.sub(
            lambda place: f"{place[1]}{table(place[2])}{place[3]}", text
        ).encode()
    if settings := grid_settings("grey"):
        found[FIGURE] = figure_png(sweep_figure(settings, FIGURE_PANELS))
    return found


def fill_pages() -> list[str]:
    """Write what changed of `made`; returns the paths. Raises what that raises."""
    changed = []
    for path, content in made().items():
        if not path.exists() or path.read_bytes() != content:
            write_bytes(path, content)
            changed.append(str(path))
    return changed
