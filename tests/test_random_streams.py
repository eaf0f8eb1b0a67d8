"""No two random streams share their numbers."""

import inspect
from collections.abc import Iterator
from itertools import product

import numpy as np

from mnist_vae import random_streams

NUMBERS = (0, 1, 2, 3, 1000, 2**32 - 1)


def every_stream() -> Iterator[tuple[str, np.ndarray]]:
    """Each stream for several seeds and epochs, and its children: first integers."""
    for name, function in inspect.getmembers(random_streams, inspect.isfunction):
        if name in ("stream", "normal") or function.__module__ != random_streams.__name__:
            continue
        for numbers in product(NUMBERS, repeat=len(inspect.signature(function).parameters)):
            drawn = function(*numbers)
            if isinstance(drawn, int):  # a seed
                drawn = np.random.default_rng(drawn)
            for child, rng in enumerate([drawn, *drawn.spawn(3)]):
                yield f"{name}{numbers} {child}", rng.integers(2**63, size=8)


def test_no_two_streams_agree() -> None:
    seen: dict[int, str] = {}
    for name, numbers in every_stream():
        for number in numbers.tolist():
            assert number not in seen, (name, seen[number])
            seen[number] = name
    assert len({name.split("(")[0] for name in seen.values()}) == 15
