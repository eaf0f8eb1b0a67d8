"""The pipeline as DVC runs it, on the embedded digits, in a copy of the repository.

Which stages does an edit make DVC run again? Those whose result it can change, and no other. DVC
itself is asked, by `dvc status`: it names the stages that the edit touches. Those further down run
only if a result did change; test_experiments.py runs them.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from additions import new_dataset, new_network, new_parameter
from clone import DVC, Clone, expanded_stages, stages_run

CHECK = {"check_params"}
ALL = set(expanded_stages())
DRAW = {"plot_loss", "plot_latent", "generate"}
SHOW = DRAW | {"report"}
BOTH_FITS = {"classify@latent", "classify@pixels"}
NETWORK = {"train", "evaluate", "encode", "generate", "report"}  # the stages that build it
SRC = "src/mnist_vae"

CODE = {
    f"{SRC}/report/figures.py": DRAW,
    f"{SRC}/report/curves.py": {"plot_loss", "plot_latent"},
    f"{SRC}/report/scatter.py": {"plot_latent"},
    f"{SRC}/report/digits.py": {"generate"},
    f"{SRC}/report/page.py": {"report"},
    f"{SRC}/report/page/index.html": {"report"},
    f"{SRC}/analysis/probe.py": BOTH_FITS,
    f"{SRC}/analysis/manifold.py": {"generate"},
    f"{SRC}/model/elbo.py": {"train", "evaluate"},
    f"{SRC}/model/networks/mlp.py": NETWORK,
    f"{SRC}/training/recording.py": {"train"},
    f"{SRC}/machine/environment.py": ALL - CHECK,
    f"{SRC}/machine/products.py": NETWORK,
    f"{SRC}/machine/load.py": set(),
    f"{SRC}/model/likelihoods/grey.py": NETWORK,
    f"{SRC}/model/likelihoods/binarised.py": set(),  # not the one in use
    f"{SRC}/datasets/mnist_5k.py": {"download"} | SHOW | BOTH_FITS,
    f"{SRC}/datasets/mnist.py": set(),  # not the one in use
    f"{SRC}/datasets/_mirrors.py": {"download"},
    f"{SRC}/errors.py": set(),
    f"{SRC}/params.py": CHECK,
    f"{SRC}/files/checks.py": set(),
    "stages/_stage.py": set(),
    "stages/classify.py": BOTH_FITS,
    "README.md": set(),
    "tests/conftest.py": set(),
}
PARAMETERS = {
    "latent_dim": (3, {"train"} | SHOW),
    "seed": (1, {"train", "evaluate"} | SHOW),
    "model__mlp__hidden_dims": ([8], {"train", "report"}),
    "model__residual__blocks": (3, set()),  # not the network in use
    "model__likelihood": ("binarised", NETWORK | DRAW),
    "objective__beta": (4.0, {"train"} | SHOW),
    "train__learning_rate": (0.004, {"train", "report"}),
    "evaluate__importance_samples": (10, {"evaluate", "report"}),
    "plot_latent__points": (500, {"plot_latent"}),
    "generate__grid": (5, {"generate"}),
    "generate__z_max": (2.5, {"generate"}),
    "classify__C": (0.5, BOTH_FITS | {"report"}),
    "report__images": (100, {"report"}),
    "machine__device": ("auto", {"train", "evaluate", "encode", "generate", "report"}),
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    """The pipeline run once, its results committed. The path has a space."""
    quick = {"dataset": "mnist_5k", "train__epochs": 1, "machine__threads": 1}
    clone = Clone(tmp_path_factory.mktemp("pipeline") / "a clone", **quick)
    assert stages_run(clone.dvc("repro").stdout) == ALL
    clone.commit()
    return clone


def lock(clone: Clone) -> dict:
    return yaml.safe_load((clone.path / "dvc.lock").read_text())["stages"]


def test_every_out_is_there_and_in_git_or_ignored(clone) -> None:
    for stage in lock(clone).values():
        for out in stage.get("outs", []):
            assert (clone.path / out["path"]).stat().st_size == out["size"]
    tracked = set(clone.git("ls-files").splitlines())
    assert {"metrics/train.json", "plots/loss.csv", "plots/kl.csv", "dvc.lock"} <= tracked
    assert (
        not {"data/images.npz", "models/vae.pt", "plots/latent.png", "plots/latent.csv"} & tracked
    )
    assert clone.git("status", "--porcelain") == ""


def test_plots_name_columns_that_exist(clone) -> None:
    charts = [entry for stage in expanded_stages().values() for entry in stage.get("plots", [])]
    named = [next(iter(entry.items())) for entry in charts if not isinstance(entry, str)]
    wanted = [(path, {p["x"], p["y"]}) for path, p in named if "y" in p]
    for entry in yaml.safe_load((clone.path / "dvc.yaml").read_text())["plots"]:
        (properties,) = entry.values()
        wanted += [(path, {properties["x"], *y}) for path, y in properties["y"].items()]
    assert {path for path, _ in wanted} == {
        f"plots/{name}.csv"
        for name in ("loss", "kl", "latent", "confusion_latent", "confusion_pixels")
    }
    for path, columns in wanted:
        header = (clone.path / path).read_text().splitlines()[0].split(",")
        assert columns <= set(header), path


def test_a_second_repro_does_nothing_and_says_so(clone) -> None:
    done = clone.dvc("repro")
    assert stages_run(done.stdout) == set()
    assert "Data and pipelines are up to date." in done.stdout


def test_wrong_params_stop_the_pipeline_before_anything_is_touched(clone) -> None:
    stages = ALL - CHECK
    before = {name: (clone.path / name).stat().st_mtime_ns for name in clone.outs(*stages)}
    clone.set(latent_dim=0)
    done = clone.run(*DVC, "repro", check=False)
    clone.discard()
    assert done.returncode != 0
    assert "params.yaml: latent_dim is 0; it must be an integer from 1" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(before) > 16
    assert {name: (clone.path / name).stat().st_mtime_ns for name in before} == before
    assert stages_run(clone.dvc("repro").stdout) <= CHECK


@pytest.mark.parametrize("stage", ["download", "plot_latent"])
def test_each_stage_refuses_wrong_params_alone(clone, stage) -> None:
    clone.set(train__epochs=2.5)
    done = clone.run(sys.executable, f"stages/{stage}.py", check=False)
    clone.git("checkout", "--quiet", "params.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("error: params.yaml: train.epochs is 2.5; it must be an integer")
    assert len(done.stderr.splitlines()) == 1


def test_a_stage_runs_alone_from_any_folder(clone, tmp_path) -> None:
    path = clone.path / "plots" / "latent.png"
    before = path.read_bytes()
    path.unlink()
    script = os.path.relpath(clone.path / "stages" / "plot_latent.py", tmp_path)
    Clone.run(clone, "sh", "-c", f'cd "{tmp_path}" && python "{script}"')
    assert path.read_bytes() == before


def touched(clone: Clone, edit: Callable[[], object]) -> set[str]:
    """The stages that DVC calls changed after `edit`, which is then taken back."""
    edit()
    status = json.loads(clone.dvc("status", "--json").stdout)
    clone.discard()
    return set(status)


def append(path: Path) -> None:
    path.write_text(path.read_text() + "\n# an edit\n")


@pytest.mark.parametrize("file", CODE)
def test_an_edit_of_code_touches_the_stages_whose_result_it_can_change(clone, file) -> None:
    assert touched(clone, lambda: append(clone.path / file)) == CODE[file]


@pytest.mark.parametrize("key", PARAMETERS)
def test_a_parameter_touches_the_stages_that_use_it(clone, key) -> None:
    value, stages = PARAMETERS[key]
    assert touched(clone, lambda: clone.set(**{key: value})) == stages | CHECK


def test_the_number_of_threads_touches_no_stage(clone) -> None:
    assert touched(clone, lambda: clone.set(machine__threads=2)) == set()


@pytest.mark.parametrize("add", [new_network, new_dataset, new_parameter])
def test_what_is_new_and_not_in_use_runs_no_stage_but_check_params(clone, add) -> None:
    add(clone)
    done = clone.dvc("repro")
    clone.discard()
    assert stages_run(done.stdout) <= CHECK
