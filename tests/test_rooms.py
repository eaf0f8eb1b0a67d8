"""The rooms of the package: what may import what."""

import ast
from pathlib import Path

import pytest
from committed import ROOT
from source import NEVER_DEPS, ONLY_DOWNLOAD, files_of, imported

MAY_IMPORT = {
    "ground": {"ground", "machine"},
    "machine": {"ground", "machine"},
    "datasets": {"ground", "datasets"},
    "files": {"ground", "machine", "files"},
    "model": {"ground", "machine", "files", "model"},
    "training": {"ground", "machine", "files", "model", "training"},
    "analysis": {"ground", "files", "model", "analysis"},
    "report": {"ground", "files", "model", "analysis", "report"},
    "sweeps": {"ground", "machine", "files", "report", "sweeps"},
}


def room(path: str) -> str:
    parts = Path(path).relative_to("src/mnist_vae").parts
    return parts[0] if len(parts) > 1 else "ground"


def test_imports_run_one_way() -> None:
    for path in (ROOT / "src/mnist_vae").rglob("*.py"):
        here = room(path.relative_to(ROOT).as_posix())
        for file in files_of(imported(path)):
            assert not file.startswith("stages/"), path
            if not file.endswith("__init__.py"):
                assert room(file) in MAY_IMPORT[here], (path, file)
    for path in (ROOT / "stages").glob("*.py"):
        stages = {file for file in files_of(imported(path)) if file.startswith("stages/")}
        assert stages <= {"stages/_stage.py", "stages/_guard.py"}, path


def test_no_two_modules_import_each_other() -> None:
    graph = {
        path.relative_to(ROOT).as_posix(): files_of(imported(path))
        for path in (ROOT / "src/mnist_vae").rglob("*.py")
        if path.name != "__init__.py"
    }
    while graph:
        free = [path for path, needs in graph.items() if not needs & graph.keys()]
        assert free, f"a circle among {sorted(graph)}"
        for path in free:
            del graph[path]


@pytest.mark.parametrize(
    ("library", "home"),
    [("matplotlib", "report"), ("torchvision", "datasets"), ("sklearn", "analysis")],
)
def test_only_one_room_knows_a_library(library, home) -> None:
    for path in (ROOT / "src/mnist_vae").rglob("*.py"):
        if any(name.split(".")[0] == library for name in imported(path)):
            assert room(path.relative_to(ROOT).as_posix()) == home, path


@pytest.mark.parametrize("choice", ["datasets", "model/networks"])
def test_the_files_of_a_choice_import_no_code_that_dvc_would_miss(choice) -> None:
    for path in (ROOT / "src/mnist_vae" / choice).glob("[!_]*.py"):
        others = files_of(imported(path)) - NEVER_DEPS.keys() - ONLY_DOWNLOAD
        assert not others, path


def test_the_packages_themselves_hold_no_code() -> None:
    """They are in no stage's deps."""
    for path in (ROOT / "src").rglob("__init__.py"):
        assert [type(node) for node in ast.parse(path.read_text()).body] == [ast.Expr], path
