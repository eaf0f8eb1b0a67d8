"""dvc.yaml says exactly what the stages do."""

import ast
from itertools import chain
from pathlib import Path

import pytest
import yaml
from clone import ROOT, expanded_stages
from imports import reached

PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
SCRIPTS = sorted(p.stem for p in (ROOT / "stages").glob("*.py") if not p.stem.startswith("_"))
STAGES = expanded_stages()
CHECKED = "data/params.ok"
PACKAGE = "src/mnist_vae"
# What params/ reads, DVC tracks itself; errors.py words refusals, and no stage calls Git.
NEVER_DEPS = f"{PACKAGE}/params/", f"{PACKAGE}/errors.py", f"{PACKAGE}/git.py"


def script(stage: str) -> str:
    return stage.split("@")[0]


def names(entries: list | None) -> set[str]:
    """The paths of a list whose entries may carry properties."""
    return set(chain.from_iterable([e] if isinstance(e, str) else e for e in entries or []))


def test_each_stage_is_a_script_and_each_script_a_stage() -> None:
    assert sorted({script(name) for name in STAGES}) == SCRIPTS
    for name, stage in STAGES.items():
        argument = f" {name.split('@')[1]}" if "@" in name else ""
        assert stage["cmd"] == f"python -E stages/{script(name)}.py{argument}"
        assert stage["desc"]


def used(script: str) -> set[str]:
    """What decides what a stage writes: its script, rooms, files beside them, and files that a
    parameter names, with what any of these imports."""
    files = reached(f"stages/{script}.py", NEVER_DEPS)
    for chosen in [file for file in files if "$" in file]:
        for path in (ROOT / chosen).parent.glob("[!_]*.py"):
            file = path.relative_to(ROOT).as_posix()
            files |= reached(file, NEVER_DEPS) - {file}
    return {named(file) for file in files if not file.startswith("stages/_")}


def named(file: str) -> str:
    """The room of a file, or the file itself if it lies in none or a parameter names it."""
    room = Path(*Path(file).parts[:3]).as_posix()
    return room if file.startswith(PACKAGE) and "$" not in file else file


@pytest.mark.parametrize("name", [name for name in STAGES if name != "check_params"])
def test_deps_are_the_rooms_and_files_that_the_stage_imports(name) -> None:
    code = {dep for dep in STAGES[name]["deps"] if dep.startswith(("src/", "stages/"))}
    assert code == used(script(name))


def test_check_params_reruns_when_what_it_refuses_changes() -> None:
    """What it writes never does."""
    assert STAGES["check_params"]["deps"] == ["stages/check_params.py", f"{PACKAGE}/params"]


@pytest.mark.parametrize("name", [name for name in STAGES if name != "check_params"])
def test_every_stage_waits_for_check_params_even_as_a_target(name) -> None:
    """Its out never changes, so it makes nothing rerun."""
    assert STAGES["check_params"]["outs"] == [CHECKED]
    assert CHECKED in STAGES[name]["deps"]


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
OF_MODEL = {"dataset", "latent_dim", "seed", "model.network", "model.likelihood", "objective"}
# What the package reads when a stage hands it `params` whole: call -> keys.
WHOLE = {
    "load_vae(": {"model.network", "model.${model.network}", "latent_dim", "seed"},
    "RunLabel.of(": OF_MODEL,
    "fingerprint(": OF_MODEL | {"model.${model.network}", "train"} | DEVICE,
}
# Values that reach a stage through a file, whose writer declares them: a change reruns the writer,
# and the file, which names the parameters it was made with, then differs.
THROUGH_A_FILE = {"models/vae.pt": WHOLE["fingerprint("]}


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
