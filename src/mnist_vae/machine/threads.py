"""How many threads compute. They decide speed alone: a number that would change a bit is not used.

One thread never waits for another program's, so on a busy machine one is the fastest; where cores
are free, more are. torch.get_num_threads() is the most that a stage may use.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import fmean
from typing import TypeVar

import torch

from mnist_vae.machine.load import LOOK_SECONDS, LOOKS, Load, whole

T = TypeVar("T")
R = TypeVar("R")


class Threads:
    """How many threads the load allows, 1 before the first look. Powers of two: with other numbers,
    a thread's share of a tensor need not end where a vector register does, and some kernels compute
    what is left over in another way."""

    def __init__(self) -> None:
        self.most, self.now = torch.get_num_threads(), 1
        self.load = Load()
        self.seen: deque[float] = deque(maxlen=LOOKS)
        torch.set_num_threads(1)

    def resume(self) -> None:
        """Forget the load of a long pause, in which others may have had their turn."""
        if self.load.seconds() > LOOKS * LOOK_SECONDS:
            self.load.free_cores()

    def adapt(self) -> int:
        """Look at the load, unless that was a moment ago, and follow its mean over some looks."""
        if self.most > 1 and self.load.seconds() >= LOOK_SECONDS:
            self.seen.append(self.load.free_cores())
            free = min(self.most, whole(fmean(self.seen)))
            self.now = 1 << free.bit_length() - 1
        return self.now


def side_by_side(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """`function` of each item, in their order: on as many threads as torch may use, each of which
    computes alone, so that a result does not depend on their number."""
    threads = min(torch.get_num_threads(), len(items))
    if torch.get_num_threads() == 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        return list(pool.map(function, items))
