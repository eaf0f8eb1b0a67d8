"""Refusals of files that do not hold what they should."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mnist_vae.errors import DataError

# The dtype and shape of one image's entry; where there is no shape, all entries have the same
Row = tuple[type, tuple[int, ...] | None]
REMAKE = "`dvc repro` makes it again"
LEAST = 2  # images of a class in each split


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
    for column, (dtype, row) in {**rows, "labels": (np.unsignedinteger, ())}.items():
        name, array = f"{split}_{column}", fields[f"{split}_{column}"]
        row = array.shape[1:] if row is None else row
        if not np.issubdtype(array.dtype, dtype) or array.shape != (count, *row):
            found, wanted = f"{array.dtype} {array.shape}", f"{dtype.__name__} {(count, *row)}"
            raise DataError(f"{name} is {found} instead of {wanted}; {REMAKE}")
        if not np.isfinite(array).all():
            raise DataError(f"{name} holds nan or inf; {REMAKE}")


def expect_labels(labels: np.ndarray, name: str) -> None:
    """Raises DataError unless each class up to the last is there at least twice."""
    counts = np.bincount(labels)
    if len(counts) < 2 or counts.min() < LEAST:
        raise DataError(f"{name}: must be 0 to K - 1, each at least twice; {REMAKE}")


def expect_uint8(images: np.ndarray) -> None:
    """Raises DataError, which says how to convert what matplotlib and torch call an image."""
    if images.dtype != np.uint8:
        remedy = ""
        if images.dtype.kind == "f":
            remedy = "; of values in [0, 1], `(255 * images).round().astype('uint8')`"
        raise DataError(f"images are {images.dtype} instead of uint8{remedy}")
