"""Experiments that have no result yet: in DVC's queue, or points of a sweep."""

import re
import subprocess
import sys
from pathlib import Path

QUEUE = Path(".dvc/tmp/exps/celery")  # there once something was queued
SWEEPS = Path(".dvc/tmp/sweep")
ROW = re.compile(r"^(\w{7,}) +(\S*) .* (Queued|Running|Failed) *$", re.MULTILINE)


def unfinished(root: Path, commit: str) -> list[str]:
    """A sentence each about DVC's queue and about the sweeps on `commit`, if they have some."""
    found = []
    if (root / QUEUE).exists():
        command = [sys.executable, "-m", "dvc", "queue", "status"]
        said = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout
        if rows := ROW.findall(said):
            names = ", ".join(f"{name or task} {state.lower()}" for task, name, state in rows)
            found.append(f"in the queue: {names} (`dvc queue status`)")
    folders = (log.parent.name for log in (root / SWEEPS / commit[:12]).glob("*/log"))
    if names := ", ".join(sorted(folders)):
        found.append(f"not done: {names} (`sweep.py --status`)")
    return found
