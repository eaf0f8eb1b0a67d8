"""What compute_digests.py says, with other numbers of threads and images, or by another Python."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from default_run import ROOT

SCRIPT = str(Path(__file__).parent / "compute_digests.py")


@cache
def digests(threads: int = 1, *python: str, images: int = 120) -> dict[str, str]:
    command = [*(python or (sys.executable,)), "-E", SCRIPT, str(threads), str(images)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
