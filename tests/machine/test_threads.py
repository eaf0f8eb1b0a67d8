"""How many threads compute, and that their number decides speed alone."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import psutil
import pytest
import torch

from mnist_vae.machine import load
from mnist_vae.machine.load import LOOK_SECONDS, LOOKS, Load, free_now
from mnist_vae.machine.threads import Threads, side_by_side


@pytest.fixture
def free(monkeypatch) -> SimpleNamespace:
    """A machine on which as many cores are free as `cores` says; it is always time to look."""
    free = SimpleNamespace(cores=8.0)
    monkeypatch.setattr(Load, "seconds", lambda _: LOOK_SECONDS)
    monkeypatch.setattr(Load, "free_cores", lambda _: free.cores)
    return free


@pytest.fixture
def eight() -> Iterator[None]:
    torch.set_num_threads(8)
    yield
    torch.set_num_threads(1)


def after(threads: Threads, looks: int = 1) -> int:
    return [threads.adapt() for _ in range(looks)][-1]


@pytest.mark.parametrize(
    ("cores", "number"), [(8.0, 8), (7.8, 8), (7.5, 4), (4.0, 4), (3.6, 2), (1.6, 1), (0.0, 1)]
)
def test_they_start_with_what_is_free(free, eight, cores, number) -> None:
    free.cores = cores
    threads = Threads()
    assert torch.get_num_threads() == 1
    assert threads.now == 1
    assert after(threads) == number


def test_they_are_never_more_than_asked_for(free) -> None:
    torch.set_num_threads(3)
    threads = Threads()
    assert after(threads) == 2


def test_they_follow_the_mean_of_the_last_looks(free, eight) -> None:
    threads = Threads()
    assert after(threads, LOOKS) == 8
    free.cores = 0
    assert after(threads) == 4, "the mean is 6.4"
    free.cores = 2.9
    assert after(threads, LOOKS) == 2
    free.cores = 8
    assert after(threads) == 4, "the mean is 3.92"
    assert after(threads, LOOKS - 1) == 8


def test_side_by_side_each_thread_computes_alone_and_the_order_is_kept(eight) -> None:
    def look(item: int) -> tuple[int, int]:
        time.sleep(0.01 * (3 - item))
        return item, torch.get_num_threads()

    assert side_by_side(look, range(4)) == [(0, 1), (1, 1), (2, 1), (3, 1)]
    assert torch.get_num_threads() == 8


def busy(count: int) -> list[subprocess.Popen[bytes]]:
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]


def free_after(seconds: float, work: Callable[[], object]) -> float:
    seen = Load()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work()
    return seen.free_cores()


def test_what_others_use_is_not_free_and_what_this_process_uses_is() -> None:
    own = free_after(0.5, lambda: sum(range(1000)))  # beside other tests, less than a core
    loops = busy(len(load.cores()))
    try:
        time.sleep(0.3)
        others = free_after(0.5, lambda: time.sleep(0.05))
        assert free_now() == 1
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    assert others < own
    assert others < 0.5 * len(load.cores())


def test_others_in_the_same_cgroup_use_its_quota_up(monkeypatch) -> None:
    """Of two cores, this process used none, and the others one and a half."""
    used = iter([10.0, 10.75])
    quota = SimpleNamespace(cores=2.0, used=lambda: next(used))
    clock = iter([0.0, 0.5])
    monkeypatch.setattr(load, "quotas", lambda: [quota])
    monkeypatch.setattr(load, "cores", lambda: list(range(64)))
    monkeypatch.setattr(load, "usable_cores", lambda: 2.0)
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    monkeypatch.setattr("time.process_time", lambda: 3.0)
    idle = iter([0.0, 0.5])
    monkeypatch.setattr(
        psutil, "cpu_times", lambda percpu: [SimpleNamespace(idle=now) for now in [next(idle)] * 64]
    )
    assert Load().free_cores() == pytest.approx(0.5)
