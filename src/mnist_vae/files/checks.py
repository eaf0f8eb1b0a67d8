"""Refusals of files that do not hold what they should."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mnist_vae.errors import DataError

Row = tuple[type, tuple[int, ...]]  # the dtype and shape of one image's entry
REMAKE = "`dvc repro` makes it again"


def expect_params(found: Any, wanted: Mapping[str, Any]) -> None:
    """Raises DataError if a file was made with other values than those `wanted`.

    DVC prevents this; a stage run by hand does not.
    """
    if not isinstance(found, dict):
        raise DataError(f"does not say which parameters it was made with; {REMAKE}")
    if wrong := [key for key in wanted if found.get(key) != wanted[key]]:
        there = ", ".join(f"{key} {found.get(key)!r}" for key in wrong)
        here = ", ".join(f"{wanted[key]!r}" for key in wrong)
        raise DataError(f"was made with {there}; params.yaml says {here}; {REMAKE}")


def expect_columns(fields: Mapping[str, Any], split: str, rows: Mapping[str, Row]) -> None:
    """Raises DataError if an array has another dtype or shape, or is not finite."""
    count = len(fields[f"{split}_labels"])
    for column, (dtype, row) in {**rows, "labels": (np.uint8, ())}.items():
        name, array = f"{split}_{column}", fields[f"{split}_{column}"]
        if array.dtype != dtype or array.shape != (count, *row):
            found, wanted = f"{array.dtype} {array.shape}", f"{np.dtype(dtype)} {(count, *row)}"
            raise DataError(f"{name} is {found} instead of {wanted}; {REMAKE}")
        if not np.isfinite(array).all():
            raise DataError(f"{name} holds nan or inf; {REMAKE}")


def expect_labels(labels: np.ndarray, name: str) -> None:
    """Raises DataError unless each of the ten classes is there at least twice."""
    counts = np.bincount(labels, minlength=10)
    if len(counts) > 10 or counts.min() < 2:
        raise DataError(f"{name}: must be 0 to 9, each at least twice; {REMAKE}")
