"""metrics/*.json: what runs are compared by."""

import json
import math
from pathlib import Path
from typing import Any

from mnist_vae.errors import PipelineError
from mnist_vae.files.outs import write_out
from mnist_vae.files.provenance import flatten


def save_metrics(path: Path, metrics: dict[str, Any]) -> None:
    """Raises NotFiniteError for nan or inf, which JSON cannot hold; FileError."""
    for key, value in flatten(metrics).items():
        if not math.isfinite(value):
            raise NotFiniteError(
                f"{path}: {key} is {value}; training went wrong, most likely because "
                "train.learning_rate is too high: lower it"
            )
    write_out(path, (json.dumps(metrics, indent=2, allow_nan=False) + "\n").encode())


class NotFiniteError(PipelineError):
    """A metric is nan or inf."""
