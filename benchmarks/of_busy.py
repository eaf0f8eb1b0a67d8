"""The part that measures an epoch beside other work, by what OpenMP's waiting threads do."""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contenders import Contender, epochs_of
from measuring import openmp_waits

from mnist_vae.environment import SLEEP, SPIN, waiting_threads

EPOCHS, SECONDS = 4, 10  # measured, at most; at least one epoch
CHOSEN = "as the stages choose when they start"
WAITING = {
    "OpenMP's default": {},
    "always spin": SPIN,
    "always sleep": SLEEP,
    CHOSEN: {},
}
BESIDE = {
    "nothing": [],
    "a busy loop": ["loop"],
    "one training": ["training"],
    "two trainings": ["training", "training"],
}


def busy(folder: Path) -> dict[str, object]:
    """Seconds per epoch of the default network: the median of some after a first one. The work
    beside it was started before it, under the same rule."""
    return {
        name: {beside: seconds(name, kinds, folder) for beside, kinds in BESIDE.items()}
        for name in WAITING
    }


def seconds(name: str, kinds: list[str], folder: Path) -> float:
    with work_beside(name, kinds, folder):
        contender = Contender("ours", folder, chosen(name))
        contender.epoch()
        measured = [contender.epoch()]
        while len(measured) < EPOCHS and sum(measured) < SECONDS:
            measured.append(contender.epoch())
        contender.stop()
    return statistics.median(measured)


@contextmanager
def work_beside(name: str, kinds: list[str], folder: Path) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    processes = []
    try:
        for kind in kinds:
            with openmp_waits(chosen(name)):
                process = context.Process(target=keep_busy, args=(kind, folder))
                process.start()
            processes.append(process)
            time.sleep(5)  # until it has loaded what it needs
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def keep_busy(kind: str, folder: Path) -> None:
    """Until killed."""
    for _ in epochs_of("ours", folder) if kind == "training" else iter(int, 1):
        pass


def chosen(name: str) -> dict[str, str]:
    """What OpenMP's waiting threads shall do, given the load of this moment."""
    return waiting_threads() if name == CHOSEN else WAITING[name]
