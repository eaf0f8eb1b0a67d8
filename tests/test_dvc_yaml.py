"""dvc.yaml says exactly what the stages do."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest
import yaml
from clone import ROOT, expanded_stages
from source import ENVIRONMENT, NEVER_DEPS, ONLY_DOWNLOAD, imported, reached

from mnist_vae.report import page

DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
SCRIPTS = sorted(p.stem for p in (ROOT / "stages").glob("*.py") if not p.stem.startswith("_"))
STAGES = expanded_stages()

# check_params writes nothing; it should rerun when what it refuses changes.
CHECKED = "data/params.ok"
PAGE = "src/mnist_vae/report/page/"
VALIDATION = {f"src/mnist_vae/{name}.py" for name in ("params", "sections", "strict_yaml")}


def script(stage: str) -> str:
    return stage.split("@")[0]


def names(entries: list | None) -> set[str]:
    """The paths of a list whose entries may carry properties."""
    return set(chain.from_iterable([e] if isinstance(e, str) else e for e in entries or []))


def outs(stage: dict) -> set[str]:
    return set().union(*(names(stage.get(kind)) for kind in ("outs", "metrics", "plots")))


def test_each_stage_is_a_script_and_each_script_a_stage() -> None:
    assert sorted({script(name) for name in STAGES}) == SCRIPTS
    for name, stage in STAGES.items():
        argument = f" {name.split('@')[1]}" if "@" in name else ""
        assert stage["cmd"] == f"python -E stages/{script(name)}.py{argument}"
        assert stage["desc"]


@pytest.mark.parametrize("name", STAGES)
def test_deps_are_the_files_whose_code_can_change_what_the_stage_writes(name) -> None:
    code = {dep for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    expected = reached(f"stages/{script(name)}.py")
    if name == "download":
        expected |= ONLY_DOWNLOAD
    if name == "check_params":
        expected |= VALIDATION
    else:
        expected |= ENVIRONMENT
    assert code == expected


def test_the_report_depends_on_each_file_of_its_page() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / PAGE).iterdir()}
    assert {dep for dep in STAGES["report"]["deps"] if dep.startswith(PAGE)} == found
    built = {*(f"{name}.js" for name in page.SCRIPTS), *(f"{name}.css" for name in page.STYLES)}
    assert {Path(path).name for path in found} == built | {"index.html"}


@pytest.mark.parametrize("name", [name for name in STAGES if name != "check_params"])
def test_every_stage_waits_for_check_params_even_as_a_target(name) -> None:
    """Its out never changes, so it makes nothing rerun."""
    assert STAGES["check_params"]["outs"] == [CHECKED]
    assert CHECKED in STAGES[name]["deps"]


def test_the_files_that_are_never_deps_exist_and_write_nothing() -> None:
    for path in NEVER_DEPS:
        modules = imported(ROOT / path)
        assert "mnist_vae.files.atomic.write_bytes" not in modules, path
        assert not re.search(r"\.(write_text|write_bytes|savefig)\(", (ROOT / path).read_text())


def params_read(path: Path) -> set[str]:
    """The keys that a stage's text reads from `params`; `params.model` is the network's, and of
    `params.machine`, the number of threads decides speed alone."""
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)]
    chains = {ast.unparse(node) for node in nodes}
    found = {chain.removeprefix("params.") for chain in chains if chain.startswith("params.")}
    longest = {key for key in found if not any(other.startswith(f"{key}.") for other in found)}
    parts = {"model": "model.network", "machine": "machine.device"}
    return {parts.get(key, key) for key in longest}


DEVICE = {"machine.device"}
# What the package reads when a stage hands it `params` whole: call -> keys.
WHOLE = {
    "load_vae(": {"model.network", "model.${model.network}", "latent_dim", "seed"},
    "RunLabel.of(": {"dataset", "latent_dim", "seed", "model.network"},
    "of_model(": {"dataset", "latent_dim", "seed", "model.network", "train"} | DEVICE,
    "fingerprint(": {"dataset", "latent_dim", "seed", "model.network", "train"} | DEVICE,
}
# Values that reach a stage through a file, whose writer declares them: a change reruns the writer,
# and the file, which names the parameters it was made with, then differs.
THROUGH_A_FILE = {"models/vae.pt": WHOLE["of_model("] | {"model.${model.network}"}}


@pytest.mark.parametrize("name", STAGES)
def test_each_parameter_that_a_stage_reads_is_declared(name) -> None:
    text = (ROOT / f"stages/{script(name)}.py").read_text()
    declared = {entry for entry in STAGES[name]["params"] if isinstance(entry, str)}
    inside = set().union(*(keys for call, keys in WHOLE.items() if call in text))
    for file, keys in THROUGH_A_FILE.items():
        inside -= keys if file in STAGES[name]["deps"] else set()
    needed = inside | params_read(ROOT / f"stages/{script(name)}.py")

    def covered(key: str, by: set[str]) -> bool:
        return any(key == entry or key.startswith(f"{entry}.") for entry in by)

    assert {key for key in needed if not covered(key, declared)} == set()


def test_every_parameter_is_declared_by_the_stages_that_use_it_and_none_is_made_up() -> None:
    entries = [entry for stage in STAGES.values() for entry in stage["params"]]
    single = {entry for entry in entries if isinstance(entry, str)}
    top = {entry.split(".")[0] for entry in single}
    assert top == PARAMS.keys()
    assert single == set(entries)
    assert not {"machine", "machine.threads"} & single, "they decide speed alone"


def test_check_params_runs_when_any_parameter_but_the_threads_changes() -> None:
    assert set(STAGES["check_params"]["params"]) == PARAMS.keys() - {"machine"} | DEVICE


def test_git_holds_the_metrics_and_the_small_tables_and_dvc_the_rest() -> None:
    """`cache: false` under metrics and plots keeps the run cache; under outs it would not."""
    in_git = set()
    for stage in STAGES.values():
        assert names(stage.get("outs")) == set(stage.get("outs") or []), "outs are cached"
        for entry in [*stage.get("metrics", []), *stage.get("plots", [])]:
            path, properties = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
            in_git |= {path} if properties.get("cache") is False else set()
    metrics = set().union(*(names(stage.get("metrics")) for stage in STAGES.values()))
    assert in_git == metrics | {"plots/loss.csv", "plots/kl.csv"}
