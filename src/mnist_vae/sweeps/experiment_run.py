"""The process that makes one experiment in a clone."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from mnist_vae.sweeps.base import Base, Point


@contextlib.contextmanager
def experiment_run(
    base: Base, point: Point, root: Path, site: str, output: IO[str]
) -> Iterator[subprocess.Popen[bytes]]:
    """`dvc exp run` in `root`, the clone's, with DVC's databases in the folder `site`; it ends with
    the block, as its stages do."""
    command = [sys.executable, "-m", "dvc", "exp", "run", "--name", point.name]
    command += [word for override in point.overrides for word in ("-S", override)]
    path = [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
    env = base.environment() | mirrors(base.root)
    env |= {"DVC_SITE_CACHE_DIR": site, "PATH": os.pathsep.join(path)}
    # the clone's origin is the user's repository
    env |= {"DVC_EXP_AUTO_PUSH": "false"}
    dvc = subprocess.Popen(
        command, cwd=root, env=env, stdout=output, stderr=output, start_new_session=True
    )
    try:
        yield dvc
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(dvc.pid, signal.SIGKILL)
        dvc.wait()


def mirrors(root: Path) -> dict[str, str]:
    """The variables that name a folder of images, which is relative to the user's repository."""
    named = {key: value for key, value in os.environ.items() if key.endswith("_MIRROR")}
    return {key: value if "://" in value else str(root / value) for key, value in named.items()}
