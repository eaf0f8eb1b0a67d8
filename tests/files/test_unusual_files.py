"""Pipes, devices and huge files in place of a data file; hosts whose processes share a number."""

import os
import threading

import pytest

from mnist_vae.errors import FileError
from mnist_vae.files import atomic
from mnist_vae.files.atomic import write_bytes
from mnist_vae.files.zip_archive import read_zip


def test_a_pipe_or_a_device_is_refused_and_not_waited_for(folder) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        message = f"{name}: cannot be read: it is a pipe, a device or a socket$"
        with pytest.raises(FileError, match=message):
            read_zip(folder / name, "a file of images", lambda file: file)


def test_a_file_larger_than_the_memory_is_refused(folder) -> None:
    (folder / "sparse").touch()
    os.truncate(folder / "sparse", 2**42)
    with pytest.raises(FileError, match=r"sparse: cannot be read: it has 4,398,046,511,104 bytes"):
        read_zip(folder / "sparse", "a file of images", lambda file: file)


def test_writers_with_one_process_id_do_not_meet(folder, monkeypatch) -> None:
    """Two hosts that share a folder, as two threads: both are in the middle of a write."""
    both, names = threading.Barrier(2, timeout=10), []

    def fsync(_: int) -> None:
        both.wait()
        names.append({path.name for path in folder.glob(".*.tmp")})

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    contents = (b"one" * 1000, b"two" * 1000)
    writers = [threading.Thread(target=write_bytes, args=(folder / "out", c)) for c in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set.union(*names)) == 2
    assert (folder / "out").read_bytes() in contents
    assert [path.name for path in folder.iterdir()] == ["out"]
