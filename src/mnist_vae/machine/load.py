"""How many cores are free for this process, from one moment to the next."""

import time
from typing import NamedTuple

import psutil

from mnist_vae.machine.limits import Quota, cores, quotas, usable_cores

LOOK_SECONDS = 0.2
LOOKS = 5  # whose mean counts: what others do now and then is short
SLACK = 0.3  # of a core that others may use now and then


class Moment(NamedTuple):
    """Seconds since an arbitrary start, on the clock and of CPU time."""

    clock: float
    idle: float  # of the cores on which this process may run, together
    own: float
    of_quotas: list[float]


class Load:
    """Looks at this process and at all others."""

    def __init__(self) -> None:
        self.cores, self.quotas, self.most = cores(), quotas(), usable_cores()
        self.before = look(self.cores, self.quotas)

    def seconds(self) -> float:
        """Since `free_cores` was last called."""
        return time.perf_counter() - self.before.clock

    def free_cores(self) -> float:
        """How many cores this process used or nobody did since the last call, on average, within
        what it may use."""
        before, now = self.before, look(self.cores, self.quotas)
        self.before = now
        seconds, own = now.clock - before.clock, now.own - before.own
        free = [(now.idle - before.idle + own) / seconds]
        for quota, used_before, used in zip(
            self.quotas, before.of_quotas, now.of_quotas, strict=True
        ):
            free.append(quota.cores - max(0.0, used - used_before - own) / seconds)
        return min(self.most, *free)


def look(cores: list[int], quotas: list[Quota]) -> Moment:
    times = psutil.cpu_times(percpu=True)
    idle = sum(
        times[core].idle + getattr(times[core], "iowait", 0.0)
        for core in cores
        if core < len(times)
    )
    used = [quota.used() for quota in quotas]
    return Moment(time.perf_counter(), idle, time.process_time(), used)


def whole(free: float) -> int:
    """Whole cores, at least 1, but for what others use now and then."""
    return max(1, int(free + SLACK))


def free_now() -> int:
    """How many whole cores are free at this moment, at least 1."""
    load = Load()
    time.sleep(LOOK_SECONDS)
    return whole(load.free_cores())
