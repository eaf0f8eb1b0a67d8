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
from clone import DVC, Clone, expanded_stages, stages_run
from extensions import new_dataset, new_network, new_parameter

CHECK = {"check_params"}
ALL = set(expanded_stages())
DRAW = {"plot_loss", "plot_latent", "generate"}
SHOW = DRAW | {"report"}
BOTH_FITS = {"classify@latent", "classify@pixels"}
NETWORK = {"train", "evaluate", "encode", "generate", "report"}  # the stages that build it
SRC = "src/mnist_vae"

# A room is the unit of rerunning; of networks/ and likelihoods/, the file in use, of datasets/ the
# folder.
CODE = {
    f"{SRC}/page/build.py": {"report"},
    f"{SRC}/page/web/index.html": {"report"},
    f"{SRC}/figures/scatter.py": DRAW,
    f"{SRC}/compare/table.py": set(),
    f"{SRC}/sweeps/worker.py": set(),
    f"{SRC}/analysis/probe.py": BOTH_FITS | {"evaluate", "plot_latent", "generate", "report"},
    f"{SRC}/training/recording.py": {"train", "evaluate"},
    f"{SRC}/model/elbo.py": NETWORK,
    f"{SRC}/networks/mlp.py": NETWORK,
    f"{SRC}/networks/conv.py": set(),
    f"{SRC}/likelihoods/grey.py": NETWORK,
    f"{SRC}/likelihoods/binarised.py": set(),
    "datasets/mnist_5k/dataset.yaml": {"download"},
    "datasets/mnist/dataset.yaml": set(),
    f"{SRC}/readers/mirrors.py": {"download"},
    f"{SRC}/files/checks.py": ALL - CHECK,
    f"{SRC}/machine/load.py": ALL - CHECK,
    f"{SRC}/params/schema.py": CHECK,
    f"{SRC}/random_streams.py": NETWORK | {"download", "plot_latent"},
    f"{SRC}/errors.py": set(),
    f"{SRC}/git.py": set(),
    "stages/_stage.py": set(),
    "stages/classify.py": BOTH_FITS,
    "README.md": set(),
    "tests/conftest.py": set(),
}
PARAMETERS = {
    "latent_dim": (3, {"train"} | SHOW | CHECK),
    "seed": (1, {"train", "evaluate"} | SHOW | CHECK),
    "model.mlp.hidden_dims": ([8], {"train", "report"} | CHECK),
    "model.residual.blocks": (3, CHECK),  # not the network in use
    "objective.beta": (4.0, {"train"} | SHOW | CHECK),
    "train.learning_rate": (0.004, {"train", "report"} | CHECK),
    "train.max_grad_norm": (1.0, {"train", "report"} | CHECK),
    "evaluate.importance_samples": (10, {"evaluate", "report"} | CHECK),
    "evaluate.refinement_steps": (2, {"evaluate", "report"} | CHECK),
    "plot_latent.points": (500, {"plot_latent"} | CHECK),
    "generate.grid": (5, {"generate"} | CHECK),
    "classify.C": (0.5, BOTH_FITS | {"report"} | CHECK),
    "report.images": (100, {"report"} | CHECK),
    "machine.device": ("auto", NETWORK | CHECK),
    "machine.threads": (2, set()),
}
# What editors, Python and a Mac's Finder leave in a folder
STRAYS = ("__pycache__/checks.cpython-311.pyc", "checks.py~", ".checks.py.swp", "#checks.py#")
STRAYS += (".DS_Store", ".ipynb_checkpoints/checks.py")


@pytest.fixture(scope="module")
def clone(quick_run, tmp_path_factory) -> Clone:
    """The path has a space."""
    return quick_run.copy(tmp_path_factory.mktemp("pipeline") / "a clone")


def lock(clone: Clone) -> dict:
    return yaml.safe_load((clone.path / "dvc.lock").read_text())["stages"]


def test_every_out_is_there_and_in_git_or_ignored(clone) -> None:
    assert lock(clone).keys() == ALL
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


def changed(clone: Clone, edit: Callable[[], object]) -> dict[str, set[str]]:
    """Each stage that DVC calls changed after `edit`, which is then taken back: the deps and
    parameters at fault."""
    edit()
    status = json.loads(clone.dvc("status", "--json").stdout)
    clone.discard()
    found: dict[str, set[str]] = {stage: set() for stage in status}
    for stage, entries in status.items():
        for entry in entries:
            for dep, fault in entry.get("changed deps", {}).items():
                found[stage] |= set(fault) if dep == "params.yaml" else {dep}
    return found


@pytest.fixture(scope="module")
def after_edits(clone) -> dict[str, set[str]]:
    """What DVC says once all files of CODE were edited."""

    def append() -> None:
        for file in CODE:
            (clone.path / file).write_text((clone.path / file).read_text() + "\n# an edit\n")

    return changed(clone, append)


@pytest.mark.parametrize("file", CODE)
def test_an_edit_of_code_touches_the_stages_that_use_its_room(after_edits, file) -> None:
    around = {str(folder) for folder in (Path(file), *Path(file).parents)}
    assert {stage for stage, deps in after_edits.items() if deps & around} == CODE[file]


@pytest.fixture(scope="module")
def after_changes(clone) -> dict[str, set[str]]:
    """The same for PARAMETERS."""
    changes = {key.replace(".", "__"): value for key, (value, _) in PARAMETERS.items()}
    return changed(clone, lambda: clone.set(**changes))


@pytest.mark.parametrize("key", PARAMETERS)
def test_a_parameter_touches_the_stages_that_use_it(after_changes, key) -> None:
    parts = key.split(".")
    around = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    assert {stage for stage, keys in after_changes.items() if keys & around} == PARAMETERS[key][1]


def test_another_likelihood_touches_the_stages_that_compute_or_name_it(clone) -> None:
    found = changed(clone, lambda: clone.set(model__likelihood="binarised"))
    assert found.keys() == NETWORK | DRAW | CHECK


def test_what_is_left_in_a_room_beside_its_code_touches_nothing(clone) -> None:
    def leave() -> None:
        for name in STRAYS:
            file = clone.path / SRC / "files" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text("left")

    assert changed(clone, leave) == {}


def test_what_is_new_and_not_in_use_runs_no_stage_but_check_params(clone) -> None:
    for add in (new_network, new_dataset, new_parameter):
        add(clone)
    done = clone.dvc("repro")
    clone.discard()
    assert stages_run(done.stdout) == CHECK
