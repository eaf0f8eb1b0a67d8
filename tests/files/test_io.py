"""Files appear whole or not at all."""

import os
import time

import pytest

from mnist_vae.errors import DataError, FileError
from mnist_vae.files import io
from mnist_vae.files.io import read_bytes, write_bytes


def test_whoever_reads_meanwhile_finds_the_old_file(tmp_path, monkeypatch) -> None:
    path, seen = tmp_path / "a" / "out", []
    write_bytes(path, b"old")
    monkeypatch.setattr(io.os, "fsync", lambda _: seen.append(path.read_bytes()))
    write_bytes(path, b"new")
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path, monkeypatch, call
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(io.os, call, full)
    with pytest.raises(FileError, match=r"out: cannot be written: No space left on device"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_paths_that_cannot_be_written_or_read_are_named(tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match=r"file/out: cannot be written: File exists"):
        write_bytes(tmp_path / "file" / "out", b"content")
    with pytest.raises(DataError, match=r"gone: is missing; `dvc repro` makes it"):
        read_bytes(tmp_path / "gone")
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read_bytes(tmp_path)


def test_writers_of_one_file_on_two_hosts_do_not_meet(tmp_path, monkeypatch) -> None:
    """The second, which may have the process id of the first, begins and ends during its write."""
    path, others = tmp_path / "out", [b"two"]
    monkeypatch.setattr(io.os, "fsync", lambda _: others and write_bytes(path, others.pop()))
    write_bytes(path, b"one")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_removed_once_it_is_old(tmp_path) -> None:
    old, new, other = (tmp_path / name for name in (".a[1].7.tmp", ".a[1].8.tmp", ".b.7.tmp"))
    an_hour_ago = time.time() - 3600
    for path in (old, new, other):
        path.write_bytes(b"half")
        if path != new:
            os.utime(path, (an_hour_ago, an_hour_ago))
    write_bytes(tmp_path / "a[1]", b"whole")
    assert {*tmp_path.iterdir()} == {tmp_path / "a[1]", new, other}
