"""`python study.py grid` adds to docs/results; `python study.py tables` makes tables of it."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "src"))

from mnist_vae.errors import exit_on_error  # noqa: E402  (after the line that finds it)

os.chdir(ROOT)
with exit_on_error():
    from mnist_vae.study.cli import main

    sys.exit(main(ROOT))
