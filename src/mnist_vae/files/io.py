"""Whole files: written whole or not at all, read with errors that say what to do."""

import contextlib
import glob
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from mnist_vae.errors import DataError, FileError

ABANDONED_SECONDS = 600  # after which the writer of a temporary file must be dead
before_each_write: list[Callable[[], object]] = []  # what may refuse it by raising an error


def write_bytes(path: Path, content: bytes | memoryview, sync: bool = True) -> None:
    """Write under a temporary name in the same folder, then rename. Raises FileError.

    With `sync`, the file survives a power cut as well.
    """
    for check in before_each_write:
        check()
    # Not the process id: hosts that share the folder have the same ones.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None


def remove_abandoned(path: Path) -> None:
    """Delete the temporary files that killed writers of `path` left."""
    for temporary in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - temporary.stat().st_mtime > ABANDONED_SECONDS:
                temporary.unlink()


def read_bytes(path: Path) -> bytes:
    """Raises DataError if there is no such file, FileError if it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
