"""Read a zip file, which npz and torch's format both are, without trusting what is in it.

No stage lists this file under `deps`: it verifies the content and hands it on as it is.
"""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from mnist_vae.errors import DataError, FileError, first_sentence
from mnist_vae.files.checks import REMAKE
from mnist_vae.machine.limits import available_memory
from mnist_vae.regular_file import read_regular

T = TypeVar("T")


def read_zip(path: Path, kind: str, parse: Callable[[io.BytesIO], T]) -> T:
    """`parse` the content of `path` once its checksums are verified.

    `kind` completes the message `is not ...`. Raises DataError and FileError.
    """
    try:
        content = read_regular(path, max_bytes=available_memory())
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            if sum(member.file_size for member in members.infolist()) > len(content):
                raise ValueError("it is compressed")  # a few bytes could unpack to terabytes
            if damaged := members.testzip():
                raise ValueError(f"its part {damaged} is damaged")
        return parse(io.BytesIO(content))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except MemoryError:
        raise
    except Exception as error:  # neither numpy nor torch documents a closed list
        raise DataError(f"{path}: is not {kind}: {first_sentence(error)}; {REMAKE}") from None
