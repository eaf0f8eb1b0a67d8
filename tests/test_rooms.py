"""The rooms of the package: what may import what."""

import ast
from pathlib import Path

import pytest
from default_run import ROOT
from imports import files_of, imported

PACKAGE = ROOT / "src/mnist_vae"
# A room imports what stands on lines below its own,
LINES = [
    {"study"},
    {"figures", "page", "compare", "sweeps", "use"},
    {"analysis", "training"},
    {"model"},
    {"readers"},
    {"networks", "likelihoods", "files"},
    {"params", "machine"},
    {"ground"},
]
# and on its own line these.
BESIDE = {
    ("compare", "figures"),  # colours and style
    ("sweeps", "compare"),  # a grid that is done ends with its comparison
    ("params", "machine"),  # how much memory there is
}
LEVEL = {room: level for level, rooms in enumerate(LINES) for room in rooms}


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "ground"


def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]


def test_each_folder_is_a_room_and_a_package() -> None:
    folders = {path for path in PACKAGE.iterdir() if list(path.glob("[!_]*.py"))}
    assert {path.name for path in folders} == LEVEL.keys() - {"ground"}
    assert all((path / "__init__.py").exists() for path in folders)


def test_imports_run_one_way() -> None:
    for path in modules():
        here = room(path)
        for file in files_of(imported(path)):
            assert not file.startswith("stages/"), path
            there = room(ROOT / file)
            below = LEVEL[there] > LEVEL[here]
            assert below or there == here or (here, there) in BESIDE, (path, file)
    for path in (ROOT / "stages").glob("*.py"):
        stages = {file for file in files_of(imported(path)) if file.startswith("stages/")}
        assert stages <= {"stages/_stage.py", "stages/_guard.py"}, path


def test_no_two_modules_import_each_other() -> None:
    graph = {path.relative_to(ROOT).as_posix(): files_of(imported(path)) for path in modules()}
    while graph:
        free = [path for path, needs in graph.items() if not needs & graph.keys()]
        assert free, f"a circle among {sorted(graph)}"
        for path in free:
            del graph[path]


@pytest.mark.parametrize(
    ("library", "home"),
    [("matplotlib", "figures"), ("torchvision", "readers"), ("sklearn", "analysis")],
)
def test_only_one_room_knows_a_library(library, home) -> None:
    knowing = {path for path in modules() if library in {m.split(".")[0] for m in imported(path)}}
    assert {room(path) for path in knowing - {PACKAGE / "compare/figure.py"}} == {home}


def test_the_packages_themselves_hold_no_code() -> None:
    """Those of a room whose files a parameter names are in no stage's deps."""
    for path in PACKAGE.glob("*/**/__init__.py"):
        assert [type(node) for node in ast.parse(path.read_text()).body] == [ast.Expr], path
