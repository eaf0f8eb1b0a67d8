"""sweep.html, as compare.py writes it: on a phone, on a desktop, in the dark."""

import pytest
from matplotlib.figure import Figure

from mnist_vae.compare.page import sweep_page
from mnist_vae.compare.table import Grid

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path):
    header = ["latent_dim", "test -ELBO", "accuracy", "active units"]
    grid = Grid(header, [["8", "103.17 ± 0.25", "0.8914 ± 0.0010", "8.0 ± 0.0"]] * 4, 1)
    figure = Figure(figsize=(10, 4))
    figure.subplots(1, 2)
    file = tmp_path / "sweep.html"
    file.write_bytes(sweep_page("Comparison of experiments", "runs: 4; " * 40, figure, grid))
    return file


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_the_page_fits_and_follows_the_system(visit, path, width, scheme) -> None:
    viewport = {"width": width, "height": 800}
    page = visit(path, java_script_enabled=False, viewport=viewport, color_scheme=scheme)
    page_itself = page.locator("html")
    assert page_itself.evaluate("(own) => own.scrollWidth") <= width
    assert page.locator("img").bounding_box()["width"] >= 640  # its letters can be read
    pixels = page.locator("img").evaluate(
        "(own) => [getComputedStyle(own).filter, getComputedStyle(document.body).backgroundColor]"
    )
    assert (pixels[0] != "none") == (scheme == "dark")
    assert (pixels[1] == "rgb(20, 23, 27)") == (scheme == "dark")
