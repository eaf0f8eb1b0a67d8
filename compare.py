"""`python compare.py A B` tells whether two runs differ by more than chance."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "src"))

from mnist_vae.analysis.compare import main  # noqa: E402  (after the line that finds it)

os.chdir(ROOT)
main()
