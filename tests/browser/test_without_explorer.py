"""A run whose network the page cannot compute: all is there but what needs the network."""

import numpy as np
import pytest
from browser_actions import settle, text, violations, wait_until
from small_runs import make_run
from torch import nn

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lacking(tmp_path_factory):
    """A run with an activation that the page lacks, and its page."""
    made = make_run(tmp_path_factory.mktemp("lacking")).with_layer(nn.CELU())
    path = made.folder / "index.html"
    path.write_bytes(made.page())
    return made.load(), path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_says_so_and_the_rest_reads(visit, lacking, scheme) -> None:
    run, path = lacking
    page = visit(path, "#i=3", color_scheme=scheme)
    said = page.locator("main .note").inner_text()
    assert said.startswith("The latent space cannot be explored: the page cannot compute the layer")
    assert page.locator("#charts svg").count() == 4
    assert page.locator(".cards img").count() == 48
    assert page.locator(".tiles dd").first.inner_text() == f"{run.nats.mean():.2f}"
    assert not page.locator("#problem").is_visible()
    assert violations(page) == []


def test_nothing_is_there_to_click_that_needs_the_network(visit, lacking) -> None:
    run, path = lacking
    page = visit(path)
    assert page.locator("a, canvas, input:not(#other), select").count() == 0
    cells = page.locator("#confusion td button")
    assert cells.count() == sum(
        len(np.unique(10 * run.labels.astype(int) + predicted))
        for predicted in (run.predicted, run.pixels_predicted)
    )
    cells.last.click()
    settle(page)
    assert page.locator("#cell-images canvas").count() > 0
    assert page.locator("a").count() == 0
    assert [b.inner_text() for b in page.locator("button:visible").all()] == cells.all_inner_texts()
    assert "points" not in page.locator("#errors + p").inner_text()


def test_it_is_compared_with_another_run_and_another_with_it(visit, lacking, trained) -> None:
    _, path = lacking
    for here, there in ((path, trained.path), (trained.path, path)):
        page = visit(here)
        page.set_input_files("#other", there)
        wait_until(page, "document.getElementById('compare-text').textContent !== ''")
        assert "Compared with index.html: MNIST: mlp" in text(page, "compare-text")
        assert page.locator("#compare-charts polyline, #compare-charts circle").count() == 12
        assert "test.neg_elbo_nats" in text(page, "compare-rows")
