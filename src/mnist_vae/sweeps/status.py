"""How far a grid's points are, by Git's refs, Slurm's queue, and the logs that points keep."""

import contextlib
import fcntl
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from mnist_vae.sweeps.base import Base, Plan, Point
from mnist_vae.sweeps.slurm import queue

ATTEMPT = "== attempt"  # opens each in a point's log
TAIL_BYTES = 2**16
ERROR = re.compile(r"(error|ERROR|\w+Error): ")  # a stage's, DVC's, Python's
# Slurm's reasons for jobs that wait for their user
NEVER_STARTS = re.compile("held|Held|NeverSatisfied|BadConstraints|InvalidAccount|InvalidQOS")
STEP = re.compile(r"^Running stage '(.*)'|^(epoch +\d+/\d+)", re.MULTILINE)


class State(NamedTuple):
    kind: str  # done, running, waiting or failed
    note: str = ""
    in_queue: bool = False  # of Slurm

    @property
    def to_run(self) -> bool:
        """Whether it still needs a worker: none runs it, and none is queued for it."""
        return self.kind in ("failed", "waiting") and not self.in_queue

    @property
    def runs_elsewhere(self) -> bool:
        """Whether another launcher's worker holds it, which may be about to stop: it takes some
        tenths of a second to notice that its launcher was killed."""
        return self.kind == "running" and not self.in_queue


def states(base: Base, points: list[Point]) -> dict[str, State]:
    """By the points' names. Raises PipelineError if Slurm does not answer."""
    submitted, queued = in_queue(base)
    logs = {p.name: base.folder / p.name / "log" for p in points}
    # In this order, no point that starts or ends meanwhile looks as if it had been killed.
    attempts = {name: last_attempt(log) for name, log in logs.items()}
    locked = {name for name, log in logs.items() if is_locked(log)}
    done = base.done()
    found = {}
    for name, log in logs.items():
        said, (job, state, why) = attempts[name], queued.get(name, ("", "", ""))
        failed = said and said[-1].startswith("error: ")
        if name in done:
            found[name] = State("done")
        elif name in locked or (state == "RUNNING" and said and not failed):
            found[name] = State("running", progress(said), in_queue=bool(job))
        elif job:
            kind = "failed" if NEVER_STARTS.search(why) else "waiting"
            found[name] = State(kind, f"job {job}, {state}: {why}", in_queue=True)
        elif name in submitted and not said:
            found[name] = State("failed", "its Slurm job ended before it started: cancelled?")
        elif said:
            found[name] = State("failed", f"{reason(said)}; {os.path.relpath(log)}")
        else:
            found[name] = State("waiting")
    return found


def in_queue(base: Base) -> tuple[set[str], dict[str, tuple[str, str, str]]]:
    """The points that were submitted to Slurm, and those of which it knows: (job, its state, the
    reason) by name. Raises PipelineError."""
    plans = {path.stem: Plan.load(path) for path in base.folder.glob("slurm-*.json")}
    submitted = {p.name for plan in plans.values() for task in plan.tasks for p in task}
    return submitted, {
        point.name: (job, state, why)
        for job, name, state, why in (queue(plans) if plans else [])
        for point in plans[name].tasks[int(job.split("_")[1])]
    }


def clear(base: Base, points: list[Point], found: dict[str, State]) -> None:
    """Delete what a worker that was killed after its push has left of points that are done."""
    for point in points:
        folder = base.folder / point.name
        if found[point.name].kind == "done" and not is_locked(folder / "log"):
            for left in (folder, base.root / "checkpoints" / point.name):
                shutil.rmtree(left, ignore_errors=True)


def is_locked(log: Path) -> bool:
    """Whether a worker holds it. Only where the file system's locks reach from node to node can
    this tell of others; Slurm's queue tells it too."""
    with contextlib.suppress(FileNotFoundError), log.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def last_attempt(log: Path) -> list[str]:
    """The lines that the last attempt left; none if there was none."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
        return [line for line in text.rpartition(ATTEMPT)[2].splitlines() if line.strip()]
    return []


def progress(said: list[str]) -> str:
    """`train, epoch 12/30`"""
    stage = epoch = ""
    for match in STEP.finditer("\n".join(said)):
        stage, epoch = (match[1], "") if match[1] else (stage, ", " + " ".join(match[2].split()))
    return stage + epoch


def reason(said: list[str]) -> str:
    """The first error of the attempt, which the later ones follow from, or its last words."""
    errors = list(filter(ERROR.match, said))
    return errors[0] if errors else f"killed after `{said[-1]}`"
