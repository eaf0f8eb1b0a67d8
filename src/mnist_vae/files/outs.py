"""The outs of a stage: written one by one, renamed into place together."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mnist_vae.errors import FileError
from mnist_vae.files.atomic import write_bytes, write_temporary

pending: list[tuple[Path, Path]] | None = None  # (temporary, path), while a stage runs


def write_out(path: Path, content: bytes | memoryview) -> None:
    """`write_bytes`; inside `publish_together`, `path` appears when that says. Raises FileError."""
    if pending is None:
        write_bytes(path, content)
    else:
        pending.append((write_temporary(path, content), path))


@contextmanager
def publish_together() -> Iterator[Callable[[], None]]:
    """Yields the function that renames into place what `write_out` wrote in the meantime.

    What was not published by the end is deleted.
    """
    global pending
    pending = []
    try:
        yield publish
    finally:
        for temporary, _ in pending:
            temporary.unlink(missing_ok=True)
        pending = None


def publish() -> None:
    """Raises FileError."""
    while pending:
        temporary, path = pending[0]
        try:
            os.replace(temporary, path)
        except OSError as error:
            raise FileError(f"{path}: cannot be written: {error.strerror}") from None
        del pending[0]
