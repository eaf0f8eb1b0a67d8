"""A file of results: one row a run, found again by the values that it was made with."""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mnist_vae.compare.experiments import in_use
from mnist_vae.errors import DataError
from mnist_vae.files.io import read_bytes
from mnist_vae.files.tables import save_csv
from mnist_vae.git import git
from mnist_vae.params.dotted import flatten
from mnist_vae.params.loading import PARAMS
from mnist_vae.params.strict_yaml import StrictLoader

RUN = "run"  # the values of `-S`, in the order of the alphabet, with blanks between them
CHOOSING = ("validation.neg_elbo_nats", "train.neg_elbo_nats")
FOUND = (  # by experiments; those of test images
    "test.neg_elbo_nats",
    "test.refined_neg_elbo_nats",
    "test.recon_nats",
    "test.kl_nats",
    "test.nll_nats",
    "test.nll_nats_stderr",
    "test.effective_samples_median",
    "test.active_units",
    "latent.accuracy",
    "pixels.accuracy",
)
# How; seconds are those of the stages that ran, beside whatever else did
MADE = ("seconds", "machine", "arithmetic", "commit")
AGAIN = "again"  # the commit at which it was run again, to the same figures, or how these differ
DRAWN = "drawn"  # in that column: to be run again, and not yet
COLUMNS = (RUN, *CHOOSING, *FOUND, *MADE, AGAIN)
Row = dict[str, str]


def load_rows(path: Path) -> list[Row]:
    """Those of a file of results; none if it is not there. Raises DataError and FileError."""
    if not path.exists():
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(read_bytes(path).decode())))
        for row in rows:
            _ = [float(row[key]) for key in (*CHOOSING, *FOUND) if row[key]]
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path}: is not a table of results") from None
    if any(tuple(row) != COLUMNS or None in row.values() for row in rows):
        raise DataError(f"{path}: does not have the columns {', '.join(COLUMNS)}")
    return rows


def save_rows(path: Path, rows: Iterable[Row]) -> None:
    """Sorted, so that a study may grow on several machines. Raises FileError."""
    ordered = sorted(rows, key=lambda row: sorting(row[RUN]))
    save_csv(path, COLUMNS, ([row.get(column, "") for column in COLUMNS] for row in ordered))


def sorting(run: str) -> list[tuple[str, float, str]]:
    """Parameters by name, their values by size."""
    parts = (word.partition("=") for word in run.split())
    return [(key, float(v) if v.replace(".", "", 1).isdigit() else 0.0, v) for key, _, v in parts]


def run_of(overrides: Sequence[str]) -> str:
    return " ".join(sorted(overrides))


def key_of(run: str) -> str:
    """The same for two runs with the same parameters, whichever of them were given and however
    their numbers are written. Raises DataError and GitError."""
    params = in_use(params_of(run)).items()
    return repr(sorted((key, float(v) if type(v) is int else v) for key, v in params))


def params_of(run: str) -> dict[str, Any]:
    """By dotted key, all of params.yaml's, with those of `run`. Raises DataError and GitError."""
    params = dict(default_params())
    for word in run.split():
        key, _, text = word.partition("=")
        if key not in params:
            raise DataError(f"{run}: {PARAMS} has no {key}")
        params[key] = yaml.load(text, StrictLoader)
    return params


@cache
def default_params() -> dict[str, Any]:
    """Those of the last commit, by dotted key: `dvc exp run -S` leaves others in params.yaml.
    Raises GitError."""
    return flatten(yaml.load(git("show", f"HEAD:./{PARAMS}"), StrictLoader))
