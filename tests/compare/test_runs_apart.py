"""Runs that must not be taken for one another: other code, stages that did not run, other seeds."""

import re
from typing import Any

import pytest
import yaml
from default_run import ROOT

from mnist_vae.compare.experiments import Experiment, in_use, parse
from mnist_vae.compare.lock import outs_of, stages_of, stale
from mnist_vae.compare.pairs import expect_same_images
from mnist_vae.compare.settings import edited_code, settings_of
from mnist_vae.compare.table import WIDTH, print_grid, runs_grid, settings_grid
from mnist_vae.errors import DataError
from mnist_vae.params.dotted import flatten

LOCK = (ROOT / "dvc.lock").read_text()
PARAMS = flatten(yaml.safe_load((ROOT / "params.yaml").read_text()))
MODEL = "src/mnist_vae/model"


def run(name: str, nats: float = 100.0, code: str = "0a", **params: Any) -> Experiment:
    values = {"seed": 0, **{key.replace("__", "."): value for key, value in params.items()}}
    metrics = {"test.neg_elbo_nats": nats, "test.recon_nats": nats - 6, "test.kl_nats": 6.0}
    return Experiment(name, values, metrics | {"latent.accuracy": 0.5}, {MODEL: code})


def test_a_lock_is_read_as_a_parser_of_yaml_reads_it() -> None:
    stages, theirs = stages_of(LOCK), yaml.safe_load(LOCK)["stages"]
    assert stages.keys() == theirs.keys()
    for name, stage in stages.items():
        entry = theirs[name]
        assert stage.deps == {dep["path"]: dep["md5"] for dep in entry["deps"]}
        assert stage.outs == {out["path"]: out["md5"] for out in entry["outs"]}
        assert stage.params == flatten(entry.get("params", {}).get("params.yaml", {}))
    assert outs_of(LOCK) == {path: md5 for s in stages.values() for path, md5 in s.outs.items()}


def test_a_stage_counts_if_it_ran_with_these_parameters_and_what_earlier_stages_now_give() -> None:
    stages = stages_of(LOCK)
    assert not any(stale(stage, stages, PARAMS) for stage in stages.values())
    eight = PARAMS | {"latent_dim": 8}
    assert {name for name in stages if not stale(stages[name], stages, eight)} == {
        "download",
        "classify@pixels",
    }
    other = stages["train"]._replace(outs={**stages["train"].outs, "models/vae.pt": "another"})
    changed = stages | {"train": other}
    assert stale(stages["classify@latent"], changed, PARAMS), "through encode"
    assert not stale(stages["classify@pixels"], changed, PARAMS)


def test_the_baselines_figures_are_not_those_of_an_experiment_that_ended_before_them() -> None:
    """`dvc exp run -S latent_dim=8 train` leaves metrics/evaluate.json as it was."""
    text = yaml.safe_dump({"latent_dim": 8, **PARAMS} | {"latent_dim": 8})
    files = {f"metrics/{n}.json": b'{"%s": {"it": 1}}' % n.encode() for n in ("evaluate", "pixels")}
    files["metrics/classify_pixels.json"] = files.pop("metrics/pixels.json")
    found = parse("eight", text.encode(), LOCK.encode(), files)
    assert found.metrics == {"pixels.it": 1}
    assert found.not_run == ("evaluate",)
    grid = runs_grid([found, run("other")])
    assert (grid.header[-1], [row[-1] for row in grid.rows]) == ("note", ["evaluate not run", ""])


def test_runs_that_differ_in_code_alone_are_two_rows_that_say_so() -> None:
    runs = [run("a"), run("b", 90, code="0b"), run("c", 95, seed=1)]
    assert edited_code(runs) == [MODEL]
    first, second = settings_of(runs)
    assert (first.values, list(first.runs)) == ({"code": "A"}, [0, 1])
    assert (second.values, second.runs[0].name) == ({"code": "B"}, "b")
    assert [row[:2] for row in runs_grid(runs).rows] == [
        ["a", "seed=0, code=A"],
        ["b", "seed=0, code=B"],
        ["c", "seed=1, code=A"],
    ]


def test_runs_on_other_images_of_one_name_are_apart_and_not_compared_in_pairs() -> None:
    """The folder datasets/mnist was edited between them."""
    text = yaml.safe_dump(PARAMS).encode()
    files = {"metrics/evaluate.json": b'{"test": {"neg_elbo_nats": 1}}'}
    stages = yaml.safe_load(LOCK)
    md5 = {
        entry["path"]: entry["md5"]
        for stage in stages["stages"].values()
        for entry in (*stage["deps"], *stage["outs"])
    }
    edited = LOCK
    for path in ("datasets/mnist", "data/images.npz"):
        edited = edited.replace(md5[path], md5[path][::-1])
    a, b = (parse(name, text, lock.encode(), files) for name, lock in (("a", LOCK), ("b", edited)))
    assert a.images == md5["data/images.npz"] != b.images
    assert edited_code([a, b]) == ["datasets/mnist"]
    assert [setting.values for setting in settings_of([a, b])] == [{"code": "A"}, {"code": "B"}]
    expect_same_images(a, a)
    with pytest.raises(DataError, match=r"^datasets/mnist held other images: not the same pixels$"):
        expect_same_images(a, b)


def test_runs_of_one_seed_with_other_results_are_kept_apart() -> None:
    same, again, odd = run("same"), run("again"), run("odd", 99.0)
    assert len(settings_of([same, again])) == 1, "the same results"
    assert {s.values.get("run") for s in settings_of([same, odd])} == {None, "odd"}
    assert [row[0] for row in runs_grid([same, again, odd]).rows] == ["same", "again", "odd"]


def test_sections_of_other_networks_and_threads_are_no_parameters_of_a_run() -> None:
    params = {"model.network": "mlp", "model.mlp.hidden_dims": [8], "model.tuto.depth": 2}
    assert in_use(params | {"machine.threads": 4, "latent_dim": 2}) == {
        "model.network": "mlp",
        "model.mlp.hidden_dims": [8],
        "latent_dim": 2,
    }


@pytest.mark.parametrize("count", [1, 40])
def test_each_row_is_one_line_of_at_most_100_columns(capsys, count) -> None:
    names = ("mlp", "conv", "a_network_with_a_long_name")
    runs = [
        run(f"experiment-number-{n}-of-a-long-evening", 100 + n, latent_dim=n, model__network=name,
            **{f"model.{name}.hidden_dims": [512, 256, n], "objective.beta": n / 3})
        for n in range(count)
        for name in names
    ]  # fmt: skip
    runs[0] = runs[0]._replace(not_run=("evaluate", "classify@latent"), metrics={})
    settings = settings_of(runs)
    for grid in (runs_grid(runs), settings_grid(settings, settings[-1])):
        print_grid(grid)
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 1 + len(runs)
        assert max(map(len, lines)) <= WIDTH
        figures = [cell for row in grid.rows for cell in row if re.fullmatch(r"[0-9.]+", cell)]
        assert all(any(figure in line for line in lines) for figure in figures)
