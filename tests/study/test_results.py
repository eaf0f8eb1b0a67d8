"""docs/results: its rows, and the tables and the picture that are made of them."""

import json
import re
import subprocess

import numpy as np
import pandas as pd
import pytest
from default_run import ROOT
from scipy.stats import sem

from mnist_vae.compare.settings import find_setting, settings_of
from mnist_vae.compare.table import print_grid, settings_grid
from mnist_vae.study import pages, tables
from mnist_vae.study.plan import load_plan, rows_of
from mnist_vae.study.rows import FOUND, key_of, load_rows, run_of

FILES = sorted((ROOT / "docs/results").glob("*.csv"))
PAGES = [ROOT / "README.md", ROOT / "benchmarks/README.md", *(ROOT / "docs").glob("*.md")]


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)


def test_every_table_and_the_picture_are_those_that_the_files_give() -> None:
    found = [place for page in PAGES for place in pages.PLACE.finditer(page.read_text())]
    assert {place[2] for place in found} == set(tables.TABLES)
    for place in found:
        assert place[0] == f"{place[1]}{tables.table(place[2])}{place[3]}"
    assert all(path.read_bytes() == content for path, content in pages.made().items())
    assert pages.FIGURE in pages.made()


@pytest.mark.parametrize("likelihood", ["grey", "binarised"])
def test_the_grids_table_has_the_means_and_standard_errors_of_three_seeds(likelihood) -> None:
    frame = pd.concat(map(pd.read_csv, FILES)).dropna(subset=["test.neg_elbo_nats"])
    of_grid = r"(latent_dim|seed|model.likelihood|model.network|train.learning_rate)=\S+"
    frame = frame.loc[~frame.run.str.replace(of_grid, "", regex=True).str.contains("=")]
    dims = frame.run.str.extract(r"latent_dim=(\d+)")[0].fillna("2").astype(int)
    networks = frame.run.str.extract(r"model.network=(\w+)")[0].fillna("mlp")
    alike = frame.run.str.extract(r"model.likelihood=(\w+)")[0].fillna("grey") == likelihood
    columns = {
        "test -ELBO": ("test.neg_elbo_nats", 0.0051),
        "test -log p(x)": ("test.nll_nats", 0.0051),
        "accuracy": ("latent.accuracy", 0.000051),
        "active units": ("test.active_units", 0.051),
    }
    text = tables.table(f"grid-{likelihood}")
    header, _, *lines = [line.strip("| \n").split(" | ") for line in text.splitlines()]
    assert [int(line[0]) for line in lines] == sorted(set(dims[alike]))
    for line in lines:
        for name, shown in zip(header[1:], line[1:], strict=True):
            metric, network = name.split(": ")
            column, last = columns[metric]
            values = np.array(frame[column])[alike & (dims == int(line[0])) & (networks == network)]
            assert len(values) == 3
            assert list(map(float, shown.split(" ± "))) == pytest.approx(
                [values.mean(), sem(values)], abs=last
            )


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "records",
            {
                "test -ELBO": ("test.neg_elbo_nats", 2),
                "refined -ELBO": ("test.refined_neg_elbo_nats", 2),
                "test -log p(x)": ("test.nll_nats", 2),
                "accuracy": ("latent.accuracy", 4),
            },
        ),
        (
            "search",
            {
                "validation": ("validation.neg_elbo_nats", 2),
                "training": ("train.neg_elbo_nats", 2),
            },
        ),
    ],
)
def test_a_row_of_variants_has_the_mean_and_standard_error_of_its_seeds(name, columns) -> None:
    frame = pd.read_csv(ROOT / f"docs/results/{name}.csv")
    variants = frame.run.str.replace(r" ?seed=\d+", "", regex=True)
    by_text = {re.sub(r" ?seed=\d+", "", run): text for run, text in load_plan()[name].asks.items()}
    header, _, *lines = [
        line.strip("| \n").split(" | ") for line in tables.table(name).splitlines()
    ]
    assert len(lines) == variants.nunique()
    for line in lines:
        shown = dict(zip(header, line, strict=True))
        called = shown[header[0]].strip("`")
        own = frame[(variants == called) | (variants.map(by_text) == called)]
        assert len(own)
        for column in columns.keys() & shown.keys():
            metric, decimals = columns[column]
            values = np.array(own[metric])
            values = values[np.isfinite(values)]
            text = f"{values.mean():.{decimals}f}" if len(values) else "-"
            if len(values) > 1:
                text += f" ± {sem(values):.{decimals}f}"
            assert shown[column] == text


def test_the_comparison_shown_for_sweeps_is_that_of_the_grids_rows(capsys) -> None:
    wanted = {"model.network": "mlp", "model.likelihood": "grey"}
    runs = [run for run in tables.runs("grid") if wanted.items() <= run.params.items()]
    settings = settings_of(runs)
    print_grid(settings_grid(settings, find_setting(settings, "latent_dim=2")))
    assert capsys.readouterr().out in (ROOT / "docs/sweeps.md").read_text()


def test_the_two_runs_that_are_compared_are_rows() -> None:
    frame = pd.read_csv(ROOT / "docs/results/flags.csv").set_index("run")
    binarised = "model.likelihood=binarised"
    names = f"{binarised} seed=0", f"{binarised} objective.importance_samples=5 seed=0"
    page = (ROOT / "docs/experiments.md").read_text()
    lines = re.findall(r"^(\w+_nats) +(\S+) +(\S+) +\S+ \+- \S+$", page, re.MULTILINE)
    assert len(lines) == 4
    for metric, *shown in lines:
        for text, name in zip(shown, names, strict=True):
            assert text == f"{frame[f'test.{metric}'][name]:.2f}"


def test_the_row_of_the_default_run_has_the_committed_metrics() -> None:
    (row,) = (r for path in FILES for r in load_rows(path) if key_of(r["run"]) == key_of(""))
    for name in ("train", "evaluate", "classify_latent", "classify_pixels"):
        command = ["git", "show", f"HEAD:metrics/{name}.json"]
        text = subprocess.check_output(command, cwd=ROOT, text=True)
        for section, values in json.loads(text).items():
            for key, value in values.items():
                assert float(row[f"{section}.{key}"]) == value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_row_is_a_run_of_the_plan_and_says_how_it_was_made(path) -> None:
    study, rows = load_plan()[path.stem], load_rows(path)
    planned = {run_of(point.overrides) for point in study.points}
    runs = [row["run"] for row in rows]
    assert set(runs) <= planned
    assert len(set(runs)) == len(runs)
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{7}", row["commit"])
        assert row["arithmetic"] == "avx2"
        assert row["validation.neg_elbo_nats"]
        assert any(row[column] for column in FOUND) != study.choosing


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_of_a_file_with_all_its_rows_a_tenth_was_run_again(path) -> None:
    study, rows = load_plan()[path.stem], load_rows(path)
    if len(rows_of(study)) == len(study.points):
        again = [row["again"] for row in rows if row["again"]]
        assert len(again) >= len(rows) / 10
        assert all(re.fullmatch(r"[0-9a-f]{7}|differs at [0-9a-f]{7}: .+", note) for note in again)
