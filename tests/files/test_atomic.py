"""Files appear whole or not at all, whichever kind they are, and their bytes repeat."""

import os
import time
from pathlib import Path

import pytest
from files.examples import WRITERS

from mnist_vae.errors import FileError
from mnist_vae.files import atomic
from mnist_vae.files.atomic import write_bytes


def test_the_file_and_its_folders_are_made(folder) -> None:
    write_bytes(folder / "a" / "b" / "file", b"content")
    assert (folder / "a" / "b" / "file").read_bytes() == b"content"
    assert [path.name for path in (folder / "a" / "b").iterdir()] == ["file"]


def test_whoever_reads_meanwhile_finds_the_old_file(folder, monkeypatch) -> None:
    path, seen = folder / "out", []
    path.write_bytes(b"old")
    monkeypatch.setattr(atomic.os, "fsync", lambda _: seen.append(path.read_bytes()))
    write_bytes(path, b"new")
    assert seen == [b"old"]
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("kind", WRITERS)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    folder, params, monkeypatch, kind, call
) -> None:
    path = folder / "out"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, call, full)
    with pytest.raises(FileError, match=r"out: cannot be written: No space left on device"):
        WRITERS[kind](path, params)
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_named(folder) -> None:
    (folder / "file").write_bytes(b"")
    with pytest.raises(FileError, match=r"file/out: cannot be written: File exists"):
        write_bytes(folder / "file" / "out", b"content")


@pytest.mark.parametrize("kind", WRITERS)
def test_the_bytes_depend_on_the_values_alone(folder, params, monkeypatch, kind) -> None:
    """Another name, another folder, a year later: the same bytes."""
    first, second = folder / "first", folder / "other" / "second"
    WRITERS[kind](first, params)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 365 * 24 * 3600)
    WRITERS[kind](second, params)
    assert first.read_bytes() == second.read_bytes()


def test_what_a_killed_writer_left_is_removed_once_it_is_old(folder) -> None:
    old, new, other = (folder / name for name in (".a[1].7.tmp", ".a[1].8.tmp", ".b.7.tmp"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    os.utime(other, (an_hour_ago, an_hour_ago))
    write_bytes(folder / "a[1]", b"whole")
    expected: list[Path] = [folder / "a[1]", new, other]
    assert sorted(folder.iterdir()) == sorted(expected)
