"""plots/*.csv: the columns behind DVC's charts."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mnist_vae.errors import DataError, FileError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.outs import write_out
from mnist_vae.regular_file import read_regular

MAX_BYTES = 64 * 2**20  # a loss log of 100,000 epochs has 12 million


def save_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Raises FileError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_out(path, text.getvalue().encode())


def load_csv(path: Path) -> dict[str, list[float]]:
    """The columns of numbers by their header. Raises DataError and FileError."""
    try:
        text = read_regular(path, MAX_BYTES).decode("utf-8")
        header, *rows = csv.reader(text.splitlines())
        columns = [[float(value) for value in column] for column in zip(*rows, strict=True)]
        return dict(zip(header, columns, strict=True))
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise DataError(f"{path}: is not a table of numbers; {REMAKE}") from None
