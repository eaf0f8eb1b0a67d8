"""Read a zip file, which npz and torch's format both are."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mnist_vae.errors import DataError, first_sentence
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.io import read_bytes

T = TypeVar("T")


def read_zip(path: Path, kind: str, parse: Callable[[io.BytesIO], T]) -> T:
    """`parse` the content of `path` once its checksums are verified.

    `kind` completes the message `is not ...`. Raises DataError and FileError.
    """
    content = read_bytes(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            if damaged := members.testzip():
                raise ValueError(f"its part {damaged} is damaged")
        return parse(io.BytesIO(content))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except MemoryError:
        raise
    except Exception as error:  # neither numpy nor torch documents a closed list
        raise DataError(f"{path}: is not {kind}: {first_sentence(error)}; {REMAKE}") from None
