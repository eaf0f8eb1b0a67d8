"""plots/*.csv: the columns behind DVC's charts."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mnist_vae.errors import DataError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.io import read_bytes, write_bytes


def save_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Raises FileError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


def load_csv(path: Path) -> dict[str, list[float]]:
    """The columns of numbers by their header. Raises DataError and FileError."""
    content = read_bytes(path)
    try:
        header, *rows = csv.reader(content.decode().splitlines())
        columns = [[float(value) for value in column] for column in zip(*rows, strict=True)]
        return dict(zip(header, columns, strict=True))
    except ValueError:
        raise DataError(f"{path}: is not a table of numbers; {REMAKE}") from None
