"""Write a file whole or not at all."""

import contextlib
import glob
import os
import secrets
import time
from pathlib import Path

from mnist_vae.errors import FileError

ABANDONED_SECONDS = 600  # after which the writer of a temporary file must be dead


def write_bytes(path: Path, content: bytes | memoryview, sync: bool = True) -> None:
    """Write under a temporary name in the same folder, then rename. Raises FileError.

    With `sync`, the file survives a power cut as well.
    """
    temporary = write_temporary(path, content, sync)
    try:
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None


def write_temporary(path: Path, content: bytes | memoryview, sync: bool = True) -> Path:
    """The first half of `write_bytes`: returns the temporary file. Raises FileError."""
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
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None
    return temporary


def remove_abandoned(path: Path) -> None:
    """Delete the temporary files that killed writers of `path` left."""
    for temporary in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - temporary.stat().st_mtime > ABANDONED_SECONDS:
                temporary.unlink()
