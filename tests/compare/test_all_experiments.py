"""The table, the figure and the page of a grid, on planted runs."""

import csv
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

from mnist_vae.compare.experiments import Experiment
from mnist_vae.compare.figure import asks_for_log, sweep_figure
from mnist_vae.compare.page import sweep_page
from mnist_vae.compare.settings import settings_of
from mnist_vae.compare.table import WIDTH, print_grid, save_table, settings_grid
from mnist_vae.figures.style import plt


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


DIMS, SEEDS = (1, 2, 4, 8), (0, 1, 2)


def run(seed: int = 0, nats: float = 100.0, **params: Any) -> Experiment:
    metrics = {"test.neg_elbo_nats": nats, "latent.accuracy": nats / 1000}
    return Experiment("name", {"seed": seed, **params}, metrics, {})


GRID = [run(s, 100 / d + s, latent_dim=d) for d in DIMS for s in SEEDS]
TWO = [
    run(s, 100 / d + s, latent_dim=d, **{"model.network": n})
    for d in DIMS
    for n in ("mlp", "conv")
    for s in SEEDS
]


def test_a_row_is_a_setting_with_its_mean_standard_error_and_paired_difference(capsys) -> None:
    settings = settings_of(GRID)
    grid = settings_grid(settings, settings[0])
    assert grid.header == [
        *("latent_dim", "seeds", "test -ELBO", "accuracy", "Δ test -ELBO", "Δ accuracy"),
    ]
    assert len(grid.rows) == 4
    assert grid.rows[0] == ["1", "3", "101.00 ± 0.58", "0.1010 ± 0.0006", "-", "-"]
    assert grid.rows[1][-2] == "-50.00 ± 0.00"
    print_grid(grid._replace(header=[f"model.some_network.{name}" for name in grid.header]))
    assert max(map(len, capsys.readouterr().out.splitlines())) <= WIDTH


def test_the_csv_holds_every_metric_unrounded(tmp_path) -> None:
    save_table(tmp_path / "t.csv", settings_of([*GRID, run(0, 1 / 3, latent_dim=16)]))
    with (tmp_path / "t.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["latent_dim"] for row in rows] == ["1", "2", "4", "8", "16"]
    assert float(rows[4]["test.neg_elbo_nats"]) == 1 / 3
    assert rows[4]["test.neg_elbo_nats.stderr"] == ""
    assert float(rows[0]["latent.accuracy.stderr"]) == pytest.approx(1e-3 / 3**0.5)


def means_drawn(ax) -> dict[str, list[list[float]]]:
    bars = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
    return {str(c.get_label()): np.asarray(c.lines[0].get_xydata()).tolist() for c in bars}


def test_a_line_for_each_setting_of_the_others_against_the_swept_number() -> None:
    figure = sweep_figure(settings_of(TWO))
    drawn = means_drawn(figure.axes[0])
    assert drawn.keys() == {"model.network=mlp", "model.network=conv"}
    for line in drawn.values():
        assert np.allclose(line, [(d, 100 / d + 1) for d in DIMS])
    for ax in figure.axes:
        assert (ax.get_xlabel(), ax.get_xscale()) == ("latent_dim", "log")
        assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "4", "8"]
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "."]
    assert sum(len(np.asarray(line.get_xydata())) for line in dots) == len(TWO)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(drawn)


@pytest.mark.parametrize(
    ("runs", "label", "ticks"),
    [
        ([run(latent_dim=2)], "seed", ["0"]),
        ([run(network=name) for name in ("mlp", "conv")], "network", ["conv", "mlp"]),
        ([run(hidden=value) for value in ([512], [256], [512, 256])], "hidden", None),
        ([run(latent_dim=d, rate=r) for d in (1, 2) for r in (1e-3, 0.01, 0.1)], "rate", None),
        ([run(latent_dim=d) for d in range(1, 40)], "latent_dim", None),
    ],
)
def test_one_value_seeds_names_and_lists_have_a_figure_too(runs, label, ticks) -> None:
    ax = sweep_figure(settings_of(runs)).axes[0]
    assert ax.get_xlabel() == label
    if ticks:
        assert [text.get_text() for text in ax.get_xticklabels()] == ticks


def test_values_that_are_evenly_spaced_on_a_log_axis_get_one() -> None:
    for values in ([1, 2, 4, 8, 16, 32], [1e-4, 3e-4, 1e-3], [1e-3, 1e-1]):
        assert asks_for_log(values)
    for values in ([10, 20, 30, 40, 50], [0, 1, 10, 100], [1, 2]):
        assert not asks_for_log(values)


def test_the_page_needs_no_network_and_runs_nothing() -> None:
    settings = settings_of([run(network="<script>"), run(network="mlp", nats=3.0)])
    page = sweep_page(
        "A & B", "notes", sweep_figure(settings), settings_grid(settings, None)
    ).decode()
    assert not re.findall(r"https?:|<script|<link|@import|url\(", page)
    assert re.findall(r'src="([^;]*)', page) == ["data:image/png"]
    assert "<td>&lt;script&gt;</td>" in page
    assert "A &amp; B" in page
