"""Experiments that have no result yet: in DVC's queue, or points of a sweep."""

import re
import subprocess
import sys
from pathlib import Path

QUEUE = Path(".dvc/tmp/exps/celery")  # there once something was queued
SWEEPS = Path(".dvc/tmp/sweep")
ROW = re.compile(r"^(\w{7,}) +(\S*) .* (Queued|Running|Failed) *$", re.MULTILINE)


def unfinished(root: Path, commit: str) -> dict[str, str]:
    """Their names, each with its state: DVC's own, or `not done` on `commit`, of which
    `sweep.py --status` knows more."""
    logs = sorted((root / SWEEPS / commit[:12]).glob("*/log"))
    found = {log.parent.name: "not done" for log in logs}
    if (root / QUEUE).exists():
        command = [sys.executable, "-m", "dvc", "queue", "status"]
        said = subprocess.run(command, cwd=root, capture_output=True, text=True).stdout
        found |= {name or task: state.lower() for task, name, state in ROW.findall(said)}
    return found
