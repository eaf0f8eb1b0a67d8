"""Refusals of files that do not hold what they should.

No stage lists this file under `deps`: it changes nothing that it lets pass.
"""

import math
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from mnist_vae.errors import DataError

Row = tuple[type, tuple[int, ...]]  # the dtype and shape of one image's entry
REMAKE = "`dvc repro` makes it again"


def expect_params(found: Any, wanted: Mapping[str, Any]) -> None:
    """Raises DataError if a file was made with other values than those `wanted`.

    Through DVC this cannot happen: a stage further up depends on each of them.
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


def expect_honest_header(members: zipfile.ZipFile, name: str) -> None:
    """Raises DataError if the header of array `name` promises more than the file holds."""
    info = members.getinfo(f"{name}.npy")
    with members.open(info) as part:
        if np.lib.format.read_magic(part) != (1, 0):
            raise DataError(f"{name} is not of npy's version 1.0; {REMAKE}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(part)
    if math.prod(shape) * dtype.itemsize > info.file_size:
        raise DataError(f"{name} promises more than the file holds; {REMAKE}")
