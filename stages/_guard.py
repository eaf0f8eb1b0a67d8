"""What must hold before a stage's results count: its inputs are still those that it started with,
and the dvc that started it is still there.

DVC reads deps and params when a stage has ended. An edit made while it ran would be recorded beside
results that were made without it.

No stage lists this file under `deps`: it refuses.
"""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import psutil
import yaml

from mnist_vae.errors import PipelineError
from mnist_vae.files.provenance import flatten
from mnist_vae.strict_yaml import StrictLoader

LARGE_BYTES = 2**20  # beyond this, a file's size and time of change stand for its content
DISCARDED = "while this stage ran, so its results were discarded; run it again"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, if it is there


def snapshot(stage: str) -> dict[str, Any]:
    """What DVC will record of `stage` (train, classify@latent): each dep and each parameter.

    Empty if params.yaml or dvc.yaml cannot be read; `load_params` says why.
    """
    try:
        params = yaml.load(Path("params.yaml").read_text(encoding="utf-8"), StrictLoader)
        stages = yaml.load(Path("dvc.yaml").read_text(encoding="utf-8"), Loader)["stages"]
        return recorded(stage, stages, flatten(params))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError):
        return {}


def recorded(stage: str, stages: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The content of each dep in `stages`, as dvc.yaml holds them, and of `values` the params."""
    name, _, key = stage.partition("@")
    entry = stages[name]
    names = dict(values)
    if "foreach" in entry:
        names |= {"key": key, "item": entry["foreach"][key]}
        entry = entry["do"]
    found: dict[str, Any] = {}
    for key in (fill(key, names) for key in entry["params"] if isinstance(key, str)):
        inside = [name for name in values if name == key or name.startswith(f"{key}.")]
        found |= {f"params.yaml: {name}": values[name] for name in inside}
    for dep in (fill(dep, names) for dep in entry["deps"]):
        found[f"{dep}:"] = content_of(Path(dep))
    return found


def refuse_changes(stage: str, before: dict[str, Any]) -> None:
    """Raises PipelineError if `stage` would not give the snapshot `before` any more."""
    after = snapshot(stage)
    if before and not after:  # an edit that is not finished
        raise PipelineError(f"params.yaml or dvc.yaml: changed {DISCARDED}")
    for name in before | after:
        if before.get(name) != after.get(name):
            change = "changed"
            if name.startswith("params.yaml: "):
                change = f"changed from {before.get(name)!r} to {after.get(name)!r}"
            raise PipelineError(f"{name} {change} {DISCARDED}")


def fill(text: str, names: dict[str, Any]) -> str:
    """`text` with each ${name} of dvc.yaml's templating replaced."""
    return re.sub(r"\$\{([\w.]+)\}", lambda match: str(names[match[1]]), text)


def content_of(path: Path) -> Any:
    """What differs when the content does; None for a file that is not there."""
    try:
        status = path.stat()
        if status.st_size > LARGE_BYTES:
            return status.st_size, status.st_mtime_ns
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None


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
