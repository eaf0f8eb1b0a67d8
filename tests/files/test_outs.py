"""The outs of a stage appear together or not at all."""

import pytest

from mnist_vae.errors import FileError
from mnist_vae.files.outs import publish_together, write_out


def test_a_file_appears_when_it_is_published_and_not_before(tmp_path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    with publish_together() as publish:
        write_out(a, b"1")
        write_out(b, b"2")
        assert not a.exists()
        publish()
        assert (a.read_bytes(), b.read_bytes()) == (b"1", b"2")
    assert sorted(tmp_path.iterdir()) == [a, b]


def test_what_is_not_published_leaves_no_trace(tmp_path) -> None:
    a = tmp_path / "a"
    a.write_bytes(b"old")
    with publish_together():
        write_out(a, b"new")
    assert a.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [a]


def test_outside_of_a_stage_a_file_appears_at_once(tmp_path) -> None:
    write_out(tmp_path / "a", b"1")
    assert (tmp_path / "a").read_bytes() == b"1"


def test_a_file_that_cannot_be_renamed_is_named(tmp_path) -> None:
    path = tmp_path / "a"
    with publish_together() as publish:
        write_out(path, b"1")
        path.mkdir()
        with pytest.raises(FileError, match=r"a: cannot be written: Is a directory"):
            publish()
    assert list(tmp_path.iterdir()) == [path]
