"""What must hold for a stage's results to count: parameters and code are still those that it
started with, and the dvc that started it is still there.

DVC reads deps and params when a stage has ended. An edit made while it ran would be recorded beside
results that were made without it.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import psutil

from mnist_vae.errors import ParamsError, PipelineError
from mnist_vae.files.io import write_bytes
from mnist_vae.params.dotted import differences, flatten
from mnist_vae.params.loading import PARAMS, load_tree

AGAIN = "while this stage ran, so its results do not count; run it again"
RUN = Path(".dvc/tmp/params-of-run.json")
PACKAGE = Path("src/mnist_vae")
SOURCES = {".py", ".js", ".css", ".html"}


def snapshot() -> dict[str, Any]:
    """Each parameter that decides results, and what changes when a file of the code does."""
    found: dict[str, Any] = dict(parameters())
    for file in (*PACKAGE.rglob("*"), *Path("stages").glob("*.py")):
        if file.suffix in SOURCES:
            found[str(file)] = file.stat().st_mtime_ns, file.stat().st_size
    return found


def parameters() -> dict[str, str]:
    """As Python writes the values; none if params.yaml cannot be read: load_params says why."""
    try:
        values = flatten(load_tree(PARAMS))
    except (ParamsError, AttributeError):
        return {}
    return {key: repr(value) for key, value in values.items() if key != "machine.threads"}


def refuse_changes(before: dict[str, Any]) -> None:
    """Raises PipelineError if a parameter or code in use is not as in the snapshot `before`."""
    after = snapshot()
    for name in before | after:
        there, here = before.get(name), after.get(name)
        if there == here:
            continue
        if Path(name).suffix not in SOURCES:
            raise PipelineError(f"{PARAMS}: {name} changed from {there} to {here} {AGAIN}")
        if in_use(name):
            raise PipelineError(f"{name}: changed {AGAIN}")


def in_use(name: str) -> bool:
    """Whether it is a loaded module, or, as the page's scripts, lies in the room of one."""
    files = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    loaded = {Path(file) for file in files if file}
    if name.endswith(".py"):
        return Path(name).resolve() in loaded
    room = Path(*Path(name).parts[: len(PACKAGE.parts) + 1]).resolve()
    return any(room in module.parents for module in loaded)


def find_dvc() -> psutil.Process | None:
    """The process that started this stage; DVC does so through a shell."""
    try:
        parent = psutil.Process().parent()
        return parent.parent() if parent and parent.name().endswith("sh") else parent
    except psutil.Error:
        return None


DVC = find_dvc()


def stop_if_dvc_is_gone() -> None:
    """Raises PipelineError in a stage that outlived its dvc: kill -9 of dvc leaves the stage
    running, and its results would overwrite those of the next run."""
    try:
        gone = not DVC or not DVC.is_running() or DVC.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        gone = True
    if "DVC_ROOT" in os.environ and gone:
        raise PipelineError("dvc is gone, so this stage stops; run `dvc repro` again")


def expect_params_of_run() -> None:
    """Raises PipelineError if params.yaml is not what it was when this dvc ran its first stage: a
    second `dvc exp run -S`, which DVC refuses, has changed it by then."""
    if not DVC or "DVC_ROOT" not in os.environ:
        return
    run, now = [DVC.pid, DVC.create_time()], parameters()
    try:
        known, before = json.loads(RUN.read_text())
    except (OSError, ValueError):
        known, before = None, {}
    if known != run:
        write_bytes(RUN, json.dumps([run, now]).encode())
    elif odd := differences(before, now):
        raise PipelineError(
            f"{PARAMS}: {odd[0]}, since this run began; was `dvc exp run -S` started beside it? "
            f"`git diff {PARAMS}` shows what it holds; run again what you want"
        )
