"""The curves and bars, read back from the page against the run's own numbers."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow


def heights(chart) -> np.ndarray:
    """What maps a height in `chart` to nats, fitted to the labels of its levels."""
    labels = chart.locator("text[text-anchor=end]").all_text_contents()
    values = [float(label) for label in labels]
    lines = [float(line.get_attribute("y1")) for line in chart.locator(".level").all()]
    assert len(values) == len(lines) >= 3
    fit = np.polyfit(lines, values, 1)
    assert np.polyval(fit, lines) == pytest.approx(values, abs=1e-6 * np.ptp(values))
    return fit


@pytest.fixture
def charts(visit, trained):
    return visit(trained.path).locator("#charts svg")


@pytest.mark.parametrize(("at", "term"), [*enumerate(["neg_elbo_nats", "recon_nats", "kl_nats"])])
def test_a_curve_passes_through_each_epochs_loss(charts, trained, at, term) -> None:
    losses, chart = trained.run.load().losses, charts.nth(at)
    fit = heights(chart)
    for split in ("train", "validation"):
        points = chart.locator(f".curve.{split}").get_attribute("points")
        x, y = np.array([pair.split(",") for pair in points.split()], float).T
        assert np.polyval(fit, y) == pytest.approx(losses[f"{split}_{term}"], rel=1e-6)
        assert np.corrcoef(x, losses["epoch"])[0, 1] == pytest.approx(1)
        assert 0 <= x.min() < x.max() <= 360
        assert 0 <= y.min() < y.max() <= 220
        assert f"{split} {losses[f'{split}_{term}'][-1]:.2f}" in chart.get_attribute("aria-label")


def test_a_bar_is_as_tall_as_its_dimensions_kl(charts, trained) -> None:
    kl, chart = trained.run.load().kl, charts.nth(3)
    fit = heights(chart)
    bars = chart.locator("rect").all()
    tops = [np.polyval(fit, float(bar.get_attribute("y"))) for bar in bars]
    assert tops == pytest.approx(sorted(kl, reverse=True), rel=1e-6)


def test_a_small_change_looks_small(charts) -> None:
    low, high = charts.page.evaluate("extent([6.25, 6.33, 6.3], LEAST_SPAN)")
    assert high - low == pytest.approx(0.633)
    assert (low + high) / 2 == pytest.approx(6.29)
    assert charts.page.evaluate("extent([100, 150], LEAST_SPAN)") == [100, 150]


def test_one_epoch_is_a_dot_and_levels_are_round_numbers(visit, written) -> None:
    page = visit(written(latent_dim=3).path)
    assert page.locator("#charts circle").count() == 6
    for span in ([0, 1], [149.3, 172.2], [-3, -2.999], [0, 1e5]):
        found = page.evaluate("ticks", span)
        assert span[0] <= found[0] < found[-1] <= span[1]
        assert 3 <= len(set(found)) == len(found) <= 12
        assert all(float(f"{tick:.5g}") == tick for tick in found)
