"""data/dataset.json: what a data set is called, and what pictures need to know of its images."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mnist_vae.errors import DataError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.io import read_bytes, write_bytes


class Dataset(NamedTuple):
    """`class_names` in the order of the labels. `drawable` is handwriting that strokes can imitate.

    `background` is whether 0 is the most frequent value: pictures then show grey images as ink on
    white paper. `filled` is whether images reach the edges of their square, so that two side by
    side need a gap.
    """

    title: str
    class_noun: str
    class_names: Sequence[str]
    drawable: bool
    background: bool
    filled: bool


def save_dataset(path: Path, dataset: Dataset) -> None:
    """Raises FileError."""
    text = json.dumps(dataset._asdict(), indent=2, ensure_ascii=False)
    write_bytes(path, f"{text}\n".encode())


def load_dataset(path: Path) -> Dataset:
    """Raises DataError and FileError."""
    try:
        return Dataset(**json.loads(read_bytes(path)))
    except (ValueError, TypeError):
        raise DataError(f"{path}: does not describe a data set; {REMAKE}") from None
