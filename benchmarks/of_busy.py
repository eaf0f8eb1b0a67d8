"""The part that measures an epoch beside other work, by what OpenMP's waiting threads do."""

import multiprocessing
import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contenders import Contender, epochs_of

EPOCHS = 4
WAITING = {
    "OpenMP's default": {},
    "GOMP_SPINCOUNT=10000, as the stages choose on an idle machine": {"GOMP_SPINCOUNT": "10000"},
    "GOMP_SPINCOUNT=1000": {"GOMP_SPINCOUNT": "1000"},
    "OMP_WAIT_POLICY=passive, as they choose on a busy one": {"OMP_WAIT_POLICY": "passive"},
}
BESIDE = {
    "nothing": [],
    "a busy loop": ["loop"],
    "one training": ["training"],
    "two trainings": ["training", "training"],
}


def keep_busy(kind: str, folder: Path) -> None:
    """Until killed."""
    epochs = epochs_of("ours", folder) if kind == "training" else iter(int, 1)
    for _ in epochs:
        pass


@contextmanager
def work_beside(kinds: list[str], folder: Path) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=keep_busy, args=(kind, folder)) for kind in kinds]
    for process in processes:
        process.start()
    time.sleep(8 if processes else 0)  # until they have loaded what they need
    yield
    for process in processes:
        process.kill()
        process.join()


def busy(folder: Path) -> dict[str, object]:
    """Seconds per epoch of the default network, medians of 4 epochs after a first one."""
    return {
        name: {beside: seconds(setting, kinds, folder) for beside, kinds in BESIDE.items()}
        for name, setting in WAITING.items()
    }


def seconds(setting: dict[str, str], kinds: list[str], folder: Path) -> float:
    known = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
    before = {name: os.environ.pop(name) for name in known if name in os.environ}
    os.environ.update(setting)  # the processes inherit it
    try:
        with work_beside(kinds, folder):
            contender = Contender("ours", folder)
            measured = [contender.epoch() for _ in range(1 + EPOCHS)][1:]
            contender.stop()
    finally:
        for name in setting:
            del os.environ[name]
        os.environ.update(before)
    return statistics.median(measured)
