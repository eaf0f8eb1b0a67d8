"""What each stage loads, names and says, asked of Python itself: one process per stage."""

import json
import re
import subprocess
import sys
from functools import cache

import pytest
from clone import expanded_stages
from default_run import ROOT

SCRIPTS = sorted(p.stem for p in (ROOT / "stages").glob("*.py") if not p.stem.startswith("_"))
STAGES = {name.split("@")[0]: stage for name, stage in expanded_stages().items()}
# torch takes 1.5 s to load, scikit-learn 1.3 s.
HEAVY = {"torch", "torchvision", "sklearn", "matplotlib", "mlxtend", "numpy"}
USED = {
    "check_params": set(),
    "download": {"numpy"},  # torchvision and mlxtend only when it needs them
    "train": {"numpy", "torch"},
    "plot_loss": {"numpy", "matplotlib"},
    "evaluate": {"numpy", "torch"},
    "encode": {"numpy", "torch"},
    "plot_latent": {"numpy", "matplotlib"},  # scikit-learn for more than two dimensions
    "generate": {"numpy", "torch", "matplotlib"},
    "classify": {"numpy", "sklearn"},
    "report": {"numpy", "torch"},  # scikit-learn for more than two dimensions
}
ASK = """
import json, pathlib, sys
sys.path.insert(0, "stages")
import STAGE as stage
values = [v for n, v in vars(stage).items() if n.isupper()]
flat = [
    w for v in values
    for w in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else [v])
]
print(json.dumps({
    "modules": list(sys.modules),
    "paths": [str(v) for v in flat if isinstance(v, pathlib.Path)],
    "docstring": stage.__doc__,
}))
"""


@cache
def loaded(script: str) -> dict:
    """What importing the stage gives: modules, path constants, docstring."""
    command = [sys.executable, "-c", ASK.replace("STAGE", script)]
    return json.loads(subprocess.check_output(command, cwd=ROOT, text=True))


CODE = "src/", "stages/", "datasets/"


def test_every_stage_is_listed() -> None:
    assert set(SCRIPTS) == set(USED) == set(STAGES)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_stage_loads_the_libraries_that_it_uses_and_no_more(script) -> None:
    assert HEAVY & set(loaded(script)["modules"]) == USED[script]


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name != "check_params"])
def test_the_code_that_a_stage_loads_lies_in_the_rooms_that_dvc_yaml_names(script) -> None:
    """Apart from params/ and errors.py, which read and refuse; DVC tracks the values themselves."""
    loose = {"src/mnist_vae/params", "src/mnist_vae/errors.py"}
    rooms = loose | {dep for dep in STAGES[script]["deps"] if dep.startswith("src/")}
    for module in loaded(script)["modules"]:
        path = f"src/{module.replace('.', '/')}"
        if module.startswith("mnist_vae.") and not (ROOT / path).is_dir():
            assert any(f"{path}.py".startswith(room) for room in rooms), module


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_stage_and_its_help_name_the_files_that_dvc_yaml_declares(script) -> None:
    declared = set()
    for name, stage in expanded_stages().items():
        if name.split("@")[0] == script:
            entries = [e for kind in ("outs", "metrics", "plots") for e in stage.get(kind, [])]
            declared |= {e if isinstance(e, str) else next(iter(e)) for e in entries}
            declared |= {dep for dep in stage["deps"] if not dep.startswith(CODE)}
    declared -= {"data/params.ok"} if script != "check_params" else set()
    assert set(loaded(script)["paths"]) - {"params.yaml"} == declared
    named = set(re.findall(r"[\w./]*\w/[\w*]+\.\w+", loaded(script)["docstring"]))
    folders = {path.partition("*")[0] for path in named if "*" in path}
    assert {path for path in declared - named if not path.startswith(tuple(folders))} == set()


def test_help_is_the_docstring() -> None:
    command = [sys.executable, "stages/plot_loss.py", "--help"]
    said = subprocess.check_output(command, cwd=ROOT, text=True)
    assert loaded("plot_loss")["docstring"].strip() in said
