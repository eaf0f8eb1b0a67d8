"""Workers on this machine."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from mnist_vae.sweeps.base import Plan
from mnist_vae.sweeps.status import states


def run_here(
    plan: Plan, path: Path, alone: bool, jobs: int, after_each: Callable[[], object] = lambda: None
) -> None:
    """All tasks of `plan`, which is saved in `path`, `jobs` at once, the first one perhaps `alone`.

    Prints a line per finished point, and calls `after_each` of its tasks.

    An interrupt ends the workers; those whose launcher was killed notice it themselves.
    """
    command = [sys.executable, str(plan.base.tool()), "--worker", str(path)]
    waiting, running = list(range(len(plan.tasks))), {}
    bar = tqdm(total=sum(map(len, plan.tasks)), unit="point", disable=None, leave=False)
    try:
        while waiting or running:
            first = alone and (0 in waiting or 0 in running)
            room = (1 if first else jobs) - len(running)
            for index in waiting[:room]:
                running[index] = start(command, index), time.monotonic()
            del waiting[:room]
            time.sleep(0.1)
            for index in [i for i, (worker, _) in running.items() if worker.poll() is not None]:
                _, began = running.pop(index)
                for name, state in states(plan.base, plan.tasks[index]).items():
                    line = f"{state.kind:7}  {name}  {time.monotonic() - began:.0f} s  {state.note}"
                    tqdm.write(line.rstrip(), file=sys.stdout)
                    bar.update()
                after_each()
    finally:
        bar.close()
        for worker, _ in running.values():
            worker.terminate()
        for worker, _ in running.values():
            worker.wait()
        path.unlink()


def start(command: list[str], index: int) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for the launcher, which ends its workers in order."""
    return subprocess.Popen([*command, str(index)], start_new_session=True)
