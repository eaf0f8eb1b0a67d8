"""metrics/*.json: what runs are compared by."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnist_vae.errors import DataError, PipelineError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.io import read_bytes, write_bytes
from mnist_vae.params.dotted import flatten


class NotFiniteError(PipelineError):
    """A metric is nan or inf."""


def save_metrics(path: Path, metrics: dict[str, Any]) -> None:
    """Raises NotFiniteError for nan or inf, which JSON cannot hold; FileError."""
    for key, value in flatten(metrics).items():
        if not math.isfinite(value):
            raise NotFiniteError(
                f"{path}: {key} is {value}; training went wrong, most likely because "
                "train.learning_rate is too high: lower it"
            )
    write_bytes(path, (json.dumps(metrics, indent=2, allow_nan=False) + "\n").encode())


def load_metrics(paths: Sequence[Path]) -> dict[str, Any]:
    """`section.name` -> value, of all `paths`. Raises DataError and FileError."""
    found: dict[str, Any] = {}
    for path in paths:
        content = read_bytes(path)
        try:
            found |= flatten(json.loads(content))
        except (ValueError, AttributeError):
            raise DataError(f"{path}: is not a file of metrics; {REMAKE}") from None
    return found
