"""No two random streams share their numbers, and none moves with the machine or the version."""

import inspect
from collections.abc import Iterator
from itertools import product

import numpy as np
from scipy import stats

from mnist_vae import draws

NUMBERS = (0, 1, 2, 3, 1000, 2**32 - 1)


def every_stream() -> Iterator[tuple[str, np.ndarray]]:
    """Each stream of draws.py for several seeds and epochs, and its children: first integers."""
    for name, function in inspect.getmembers(draws, inspect.isfunction):
        if name in ("stream", "normal") or function.__module__ != draws.__name__:
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
    assert len({name.split("(")[0] for name in seen.values()}) == 13


def test_the_validation_eps_of_seed_0_are_not_the_splits_numbers() -> None:
    """They once were: default_rng([0, 0]) is default_rng(0)."""
    same = np.random.default_rng([0, 0]).random() == np.random.default_rng(0).random()
    assert same, "numpy pads an entropy with zeros; a seed beside an epoch is no name"
    assert draws.validation_eps(0).random() != draws.validation_split().random()


def test_normal_draws_are_float32_and_standard_normal() -> None:
    drawn = draws.normal(draws.prior_samples(0), 5000, 4)
    assert drawn.shape == (5000, 4)
    assert drawn.dtype == np.float32
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.01
    correlations = np.corrcoef(drawn.T)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 0.06
