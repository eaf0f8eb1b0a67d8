"""plots/confusion_*.csv: the class of each test image, and what a classifier took it for."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_vae.errors import DataError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.io import read_bytes
from mnist_vae.files.tables import save_csv


def save_predictions(
    path: Path, labels: np.ndarray, predicted: np.ndarray, names: Sequence[str]
) -> None:
    """`labels` and `predicted` (N,), in the order of the test images; `names` are the classes'.
    Raises FileError."""
    pairs = zip(labels, predicted, strict=True)
    save_csv(path, ("actual", "predicted"), ((names[a], names[b]) for a, b in pairs))


def load_predictions(path: Path, labels: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The labels (N,) that the classifier gave to images of the classes `labels` (N,). Raises
    DataError and FileError."""
    content = read_bytes(path)
    try:
        _, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
        number = {name: label for label, name in enumerate(names)}
        table = np.array([[number[name] for name in row] for row in rows], dtype=labels.dtype)
    except (ValueError, KeyError):
        raise DataError(f"{path}: is not a table of actual and predicted; {REMAKE}") from None
    if table.shape != (len(labels), 2) or (table[:, 0] != labels).any():
        raise DataError(f"{path}: is not of these test images; {REMAKE}")
    return table[:, 1]
