"""dvc.yaml says exactly what the stages do."""

import ast
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, expanded_stages

DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
ON_TORCH = {"train.device", "train.threads"}
SCRIPTS = sorted(p.stem for p in (ROOT / "stages").glob("*.py") if not p.stem.startswith("_"))


STAGES = expanded_stages()


def script(stage: str) -> str:
    return stage.split("@")[0]


def names(entries: list) -> set[str]:
    """The paths of a list whose entries may carry properties."""
    return set(chain.from_iterable([e] if isinstance(e, str) else e for e in entries or []))


def outs(stage: dict) -> set[str]:
    return set().union(*(names(stage.get(kind)) for kind in ("outs", "metrics", "plots")))


def imported(path: Path) -> set[str]:
    """The modules of this project that a file imports outside `if TYPE_CHECKING`, as paths."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    files = {f"src/{name.replace('.', '/')}.py" for name in found} | {
        f"stages/{name}.py" for name in found
    }
    return {file for file in files if (ROOT / file).is_file()}


def reached(path: str) -> set[str]:
    seen, queue = set(), [path]
    while queue:
        current = queue.pop()
        if current not in seen:
            seen.add(current)
            queue += imported(ROOT / current)
    return seen


def test_each_stage_is_a_script_and_each_script_a_stage() -> None:
    assert sorted({script(name) for name in STAGES}) == SCRIPTS
    for name, stage in STAGES.items():
        argument = f" {name.split('@')[1]}" if "@" in name else ""
        assert stage["cmd"] == f"python stages/{script(name)}.py{argument}"
        assert stage["desc"]


@pytest.mark.parametrize("name", STAGES)
def test_deps_list_every_file_that_the_stage_imports_and_no_other(name) -> None:
    code = {dep for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    assert code == reached(f"stages/{script(name)}.py")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_imports_found_in_the_text_are_those_at_run_time(name) -> None:
    """A second look, by Python itself: what a stage has loaded once it could start."""
    code = (
        f"import sys; sys.path.insert(0, 'stages'); import {name}\n"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('mnist_vae.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    loaded = {Path(file).relative_to(ROOT).as_posix() for file in done.stdout.split()}
    found = reached(f"stages/{name}.py")
    assert loaded <= found
    assert found - loaded <= {f"stages/{name}.py", "stages/_stage.py"}


def test_the_package_itself_holds_no_code() -> None:
    """It is in no stage's deps."""
    body = ast.parse((ROOT / "src/mnist_vae/__init__.py").read_text()).body
    assert [type(node) for node in body] == [ast.Expr]


def path_constants(name: str) -> set[str]:
    code = (
        f"import sys; sys.path.insert(0, 'stages'); import pathlib, {name} as stage\n"
        "values = [v for n, v in vars(stage).items() if n.isupper()]\n"
        "flat = [w for v in values for w in (v.values() if isinstance(v, dict) else [v])]\n"
        "print(*[v for v in flat if isinstance(v, pathlib.Path)], sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", SCRIPTS)
def test_path_constants_and_dvc_yaml_agree(name) -> None:
    declared = set()
    for stage in (STAGES[s] for s in STAGES if script(s) == name):
        declared |= outs(stage) | {dep for dep in stage["deps"] if not dep.endswith(".py")}
    assert path_constants(name) == declared


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_names_what_the_stage_reads_and_writes(name) -> None:
    done = subprocess.run(
        [sys.executable, f"stages/{name}.py", "--help"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for path in path_constants(name):
        assert path in done.stdout or path.rsplit(".", 1)[0] + ".*" in done.stdout


def keys(tree: dict, prefix: str = "") -> set[str]:
    found = set()
    for key, value in tree.items():
        found |= keys(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key}
    return found


def test_params_keys_declared_and_present_are_the_same() -> None:
    single = [entry for stage in STAGES.values() for entry in stage["params"]]
    assert {entry for entry in single if isinstance(entry, str)} == keys(PARAMS)
    # check_params looks at the whole file
    assert [entry for entry in single if not isinstance(entry, str)] == [{"params.yaml": None}]


def params_read(path: Path) -> set[str]:
    """The longest chains params.a.b in a stage's text."""
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)]
    text = {ast.unparse(node).replace("load_params()", "params") for node in nodes}
    found = {t.removeprefix("params.") for t in text if t.startswith("params.")}
    return {key for key in found if not any(other.startswith(f"{key}.") for other in found)}


@pytest.mark.parametrize("name", STAGES)
def test_each_params_key_that_a_stage_reads_is_declared(name) -> None:
    text = (ROOT / f"stages/{script(name)}.py").read_text()
    declared = {entry for entry in STAGES[name]["params"] if isinstance(entry, str)}
    needed = ON_TORCH if "prepare(" in text else set()
    whole = {
        "model": keys(PARAMS["model"], "model."),
        "classify": keys(PARAMS["classify"], "classify."),
    }
    if "fit(" in text:
        needed = keys(PARAMS["train"], "train.")
    for key in params_read(ROOT / f"stages/{script(name)}.py"):
        needed = needed | whole.get(key, {key} - {"train"})
    assert {entry for entry in declared if entry != "params.yaml"} == needed


def test_metrics_and_plots_are_in_git_and_keep_the_run_cache() -> None:
    for stage in STAGES.values():
        assert names(stage.get("outs")) == set(stage.get("outs") or []), "outs are cached"
        for entry in [*stage.get("metrics", []), *stage.get("plots", [])]:
            (properties,) = entry.values()
            assert properties["cache"] is False


def test_plots_name_columns_that_exist() -> None:
    for entry in DVC["plots"]:
        (properties,) = entry.values()
        for path, columns in properties["y"].items():
            header = (ROOT / path).read_text().splitlines()[0].split(",")
            assert {properties["x"], *columns} <= set(header)
    for stage in STAGES.values():
        for entry in stage.get("plots", []):
            ((path, properties),) = entry.items()
            if path.endswith(".csv"):
                header = (ROOT / path).read_text().splitlines()[0].split(",")
                assert {properties["x"], properties["y"]} <= set(header)


def test_imports_run_one_way() -> None:
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "stages").glob("*.py")]:
        stages = {f for f in imported(path) if f.startswith("stages/")}
        assert stages <= {"stages/_stage.py"}, path
        assert not stages or path.parent.name == "stages", path
