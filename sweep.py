"""`python sweep.py -S latent_dim=1,2,4,8 -S seed=0,1,2` runs a grid, here or on Slurm."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "src"))

from mnist_vae.errors import exit_on_error  # noqa: E402  (after the line that finds it)

os.chdir(ROOT)
with exit_on_error():
    if sys.argv[1:2] == ["--worker"]:  # needs no DVC and no torch, which take seconds to load
        from mnist_vae.sweeps.worker import work

        sys.exit(work(*sys.argv[2:]))
    from mnist_vae.sweeps.cli import main

    sys.exit(main(ROOT))
