"""Mutated files for each reader: only DataError, in limited memory and time."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
FILES = 5_000


@pytest.mark.parametrize("kind", ["idx", "npz", "model"])
def test_mutated_files_are_read_or_refused(kind) -> None:
    """fuzz.py runs in a process of its own, so that a crash or a hang is noticed too."""
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), kind, str(FILES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    refused = int(done.stdout.split()[-2])
    assert FILES / 2 < refused < FILES, "some mutations must be refused, and some read"
