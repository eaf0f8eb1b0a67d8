"""One task of a grid, in a process of its own: each point in a clone that is deleted afterwards.

Whatever happens, the point keeps its log and its checkpoint until its experiment's ref is in the
user's repository.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import psutil

from mnist_vae.errors import PipelineError
from mnist_vae.files.io import write_bytes
from mnist_vae.git import git
from mnist_vae.machine.cpu import cpu_name, has_avx2
from mnist_vae.sweeps.base import Base, Plan, Point
from mnist_vae.sweeps.experiment_run import experiment_run
from mnist_vae.sweeps.status import ATTEMPT

MAX_RESTARTS = 10  # by Slurm; each goes on where the one before was stopped


class Stop(BaseException):
    """By the signal in args: Ctrl-C, the end of whoever started this, or Slurm's warning."""


def work(path: str, index: str) -> int:
    """Run the points of task `index` of the plan in `path`, in turn; returns the exit status."""
    plan, parent = Plan.load(Path(path)), os.getppid()

    def stop(number: int, _: object) -> None:
        raise Stop(number)

    def wait() -> None:
        if os.getppid() != parent:
            raise Stop(signal.SIGTERM)
        time.sleep(0.2)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, stop)
    restarts = int(os.environ.get("SLURM_RESTART_COUNT", 0))
    try:
        done = [finish(plan, point, wait, restarts) for point in plan.tasks[int(index)]]
        return int(not all(done))
    except Stop as stopped:
        if stopped.args[0] == signal.SIGUSR1 and restarts < MAX_RESTARTS:
            return subprocess.call(["scontrol", "requeue", os.environ["SLURM_JOB_ID"]])
        return 1


def finish(plan: Plan, point: Point, wait: Callable[[], None], restarts: int) -> bool:
    """Whether the point's experiment is there in the end."""
    folder = plan.base.folder / point.name
    checkpoints = plan.base.root / "checkpoints" / point.name
    try:
        for needed in (folder, checkpoints):
            needed.mkdir(parents=True, exist_ok=True)
        with (folder / "log").open("a", buffering=1) as log:
            lock(log, wait)
            if point.name not in plan.base.done() and not attempt(plan, point, wait, restarts, log):
                return False
        for left in (folder, checkpoints):
            shutil.rmtree(left, ignore_errors=True)
        return True
    except OSError as error:  # a full disk, of which the log cannot tell
        print(f"error: {point.name}: {error}", file=sys.stderr)
        return False


def lock(log: TextIO, wait: Callable[[], None]) -> None:
    """Wait until nobody else runs this point, and end what a killed worker left behind."""
    while True:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            wait()
        except OSError as error:
            raise OSError(error.errno, f"cannot be locked: {error.strerror}", log.name) from None
    folder = Path(log.name).parent
    for process in psutil.process_iter(["cwd"]):
        if (process.info["cwd"] or "").startswith(f"{folder}/clone-"):
            with contextlib.suppress(psutil.Error):
                process.kill()
    databases = Path(tempfile.gettempdir()).glob(f"{databases_of(folder)}*")
    for left in (*folder.glob("clone-*"), *databases):
        shutil.rmtree(left, ignore_errors=True)


def databases_of(folder: Path) -> str:
    """How the folders are called in which DVC keeps its databases while the point runs."""
    return f"sweep-{hashlib.sha256(bytes(folder)).hexdigest()[:16]}-"


def attempt(plan: Plan, point: Point, wait: Callable[[], None], restarts: int, log: TextIO) -> bool:
    """Whether the experiment was made; if not, the log says why."""
    print(f"{ATTEMPT} on {socket.gethostname()}, {time.ctime()}", file=log)
    try:
        if restarts > MAX_RESTARTS:
            raise PipelineError(f"given up after {MAX_RESTARTS} restarts by Slurm")
        run_in_clone(plan, point, wait, Path(log.name))
        return True
    except PipelineError as error:
        print(f"error: {error}", file=log)
        return False
    except Stop as stopped:
        print(f"error: stopped by {signal.Signals(stopped.args[0]).name}", file=log)
        raise


def run_in_clone(plan: Plan, point: Point, wait: Callable[[], None], log: Path) -> None:
    """Raises PipelineError if the experiment failed."""
    with (
        tempfile.TemporaryDirectory(prefix="clone-", dir=log.parent) as clone,
        tempfile.TemporaryDirectory(prefix=databases_of(log.parent)) as site,  # on this node
        log.open("a") as output,  # not the locked one: a killed worker's dvc would keep the lock
    ):
        root = set_up(plan, point, Path(clone))
        with experiment_run(plan.base, point, root, site, output) as dvc:
            while dvc.poll() is None:
                wait()
        if dvc.returncode:
            raise PipelineError(f"dvc ended with status {dvc.returncode}")
        save_record(plan, point, root / ".dvc/tmp/seconds", log)
        keep(plan, point, Path(clone))


def save_record(plan: Plan, point: Point, seconds: Path, log: Path) -> None:
    """Where the point ran and, unless it was resumed, how long its stages took; no file of the
    experiment itself may say so."""
    made = {
        "machine": f"{cpu_name()}, {os.cpu_count()} cores",
        "arithmetic": "avx2" if has_avx2() else "its own",
    }
    if seconds.exists() and log.read_text(errors="replace").count(ATTEMPT) == 1:
        lines = seconds.read_text().splitlines()
        made["seconds"] = f"{sum(float(line.split()[-2]) for line in lines):.0f}"
    write_bytes(record_of(plan.base, point), json.dumps(made).encode())


def load_record(base: Base, point: Point) -> dict[str, str]:
    """What `save_record` wrote, or nothing if the point was run otherwise."""
    path = record_of(base, point)
    return json.loads(path.read_bytes()) if path.exists() else {}


def record_of(base: Base, point: Point) -> Path:
    return base.folder / "records" / point.name / "made.json"  # a name may be as long as a file's


def keep(plan: Plan, point: Point, clone: Path) -> None:
    """Bring the experiment's ref from its clone into the user's repository, past all hooks. Whoever
    holds the point's lock holds the ref as well: a lock file of Git's own is what a kill left.
    Raises GitError."""
    ref, root = plan.base.ref(point.name), plan.base.root
    lock = root / git("rev-parse", "--git-path", f"{ref}.lock", folder=root)
    lock.unlink(missing_ok=True)
    fetch = "-c", "core.hooksPath=/dev/null", "fetch", "--quiet", "--no-tags"
    unlogged = "--no-auto-maintenance", "--no-write-fetch-head", str(clone), f"+{ref}:{ref}"
    git(*fetch, *unlogged, folder=root, env=plan.base.environment())


def set_up(plan: Plan, point: Point, clone: Path) -> Path:
    """A clone with the cache and the checkpoints of the user's repository; returns its root."""
    root = plan.base.clone_into(clone)
    (root / ".dvc" / "config.local").write_text("\n".join(plan.settings))
    (root / "checkpoints").symlink_to(plan.base.root / "checkpoints" / point.name)
    return root
