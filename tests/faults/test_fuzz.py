"""20,000 mutated files for each reader: only DataError, in little memory, in bounded time."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["idx", "npz", "model"])
def test_mutated_files_are_read_or_refused(kind) -> None:
    """fuzz.py runs in a process of its own, so that a crash or a hang would be seen as well."""
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), kind, "20000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    refused = int(done.stdout.split()[-2])
    assert 10_000 < refused < 20_000, "the mutations must reach both ends"
