"""plots/confusion_latent.csv: the class of each test image, and what a classifier took it for."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_vae.errors import DataError, FileError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.tables import MAX_BYTES
from mnist_vae.regular_file import read_regular


def load_predictions(path: Path, labels: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """uint8 labels (N,) that the classifier gave to images of the classes `labels` (N,), in the
    order of the test images; `names` are the classes'. Raises DataError and FileError."""
    try:
        header, *rows = csv.reader(read_regular(path, MAX_BYTES).decode("utf-8").splitlines())
        numbers = {name: label for label, name in enumerate(names)}
        table = np.array([[numbers[name] for name in row] for row in rows], dtype=np.uint8)
        if header != ["actual", "predicted"]:
            raise ValueError
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, KeyError):
        raise DataError(f"{path}: is not a table of actual and predicted; {REMAKE}") from None
    if table.shape != (len(labels), 2) or (table[:, 0] != labels).any():
        raise DataError(f"{path}: is not of these test images; {REMAKE}")
    return table[:, 1]
