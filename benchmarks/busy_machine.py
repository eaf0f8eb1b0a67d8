"""The parts that measure training beside other work."""

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import ratio, spread
from taking_turns import Contender

EPOCHS, ROUNDS, TRAININGS = 5, 3, 3


def busy(folder: Path) -> dict[str, object]:
    """Seconds per epoch of fit() beside busy loops, in turn; of each turn, the median after the
    first epoch."""
    contender = Contender("fit grey", folder)
    seconds: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for _ in range(ROUNDS):
        for loops, values in seconds.items():
            with busy_loops(loops):
                turn = [contender.epoch() for _ in range(EPOCHS)]
            values.append(statistics.median(turn[1:]))
    contender.stop()
    return {
        **{f"{loops} busy loops": spread(values) for loops, values in seconds.items()},
        "1 busy loop, times alone": ratio(seconds[1], seconds[0]),
        "2 busy loops, times alone": ratio(seconds[2], seconds[0]),
    }


def together(folder: Path) -> dict[str, object]:
    """Seconds of three trainings of some epochs: one after another, started together, and started
    together beside a busy loop, in turn."""
    in_turn, at_one_time, beside = [], [], []
    for _ in range(ROUNDS):
        in_turn.append(sum(at_once(1, folder) for _ in range(TRAININGS)))
        at_one_time.append(at_once(TRAININGS, folder))
        with busy_loops(1):
            beside.append(at_once(TRAININGS, folder))
    return {
        "epochs of each": EPOCHS,
        "seconds, one after another": spread(in_turn),
        "seconds, together": spread(at_one_time),
        "seconds, together beside a busy loop": spread(beside),
        "together, times one after another": ratio(at_one_time, in_turn),
    }


def at_once(trainings: int, folder: Path) -> float:
    """Seconds until the last of them has ended, from when all have loaded their libraries."""
    running = [Contender("fit grey", folder) for _ in range(trainings)]
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
