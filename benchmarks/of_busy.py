"""The parts that measure training beside other work."""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contenders import Contender
from measuring import raw_files

EPOCHS = 8
TRAININGS = 3
LOOPS = 0, 1, 2


def busy(folder: Path) -> dict[str, object]:
    """Seconds per epoch of fit() beside so many busy loops; medians after the first epoch."""
    seconds = {}
    for loops in LOOPS:
        with busy_loops(loops):
            contender = Contender("fit grey", folder)
            seconds[f"{loops} busy loops"] = statistics.median(
                [contender.epoch() for _ in range(EPOCHS)][1:]
            )
            contender.stop()
    alone = seconds["0 busy loops"]
    return {**seconds, "1 busy loop, times alone": seconds["1 busy loops"] / alone}


def together(folder: Path) -> dict[str, object]:
    """Seconds of three trainings of some epochs: one after another, started together, and started
    together beside a busy loop."""
    raw = raw_files(folder)
    in_turn = sum(at_once(1, raw) for _ in range(TRAININGS))
    started_together = at_once(TRAININGS, raw)
    with busy_loops(1):
        beside = at_once(TRAININGS, raw)
    return {
        "epochs of each": EPOCHS,
        "seconds, one after another": in_turn,
        "seconds, together": started_together,
        "seconds, together beside a busy loop": beside,
        "together, times one after another": started_together / in_turn,
    }


def at_once(trainings: int, raw: Path) -> float:
    """Seconds until the last of them has ended, from when all have loaded their libraries."""
    running = [Contender("fit grey", raw) for _ in range(trainings)]
    for contender in running:
        contender.wait_until_ready()
    start = time.perf_counter()
    for _ in range(EPOCHS):
        for contender in running:
            contender.start_epoch()
    for _ in range(EPOCHS):
        for contender in running:
            contender.end_epoch()
    seconds = time.perf_counter() - start
    for contender in running:
        contender.stop()
    return seconds


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    loops = [context.Process(target=keep_busy) for _ in range(count)]
    for loop in loops:
        loop.start()
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.join()


def keep_busy() -> None:
    """Until killed."""
    while True:
        pass
