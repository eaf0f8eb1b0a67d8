"""What make does with the mirrors and with a .venv that was moved, without a download."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from default_run import ROOT

# Stands for .venv/bin/python: notes how it was called, and its `dvc repro download` fails.
FAKE = """#!/bin/sh
echo "$@" >> calls
[ "$*" != "-m dvc repro download" ] && exit
echo "error: no mirror delivered MNIST (...)" >&2
exit 1
"""


def make(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env | changes, capture_output=True, text=True
    )


def new_project(folder: Path) -> Path:
    """The Makefile alone, and pins of nothing."""
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text("")
    return folder


def repro_without_mnist(folder: Path, mirror: str) -> tuple[int, list[str]]:
    """The status, and the calls of dvc, where MNIST cannot be had."""
    project = new_project(folder / "project")
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").write_text(FAKE)
    (project / ".venv" / "bin" / "python").chmod(0o755)
    (project / ".venv" / ".installed").touch()
    done = make(project, MNIST_MIRROR=mirror)
    calls = (project / "calls").read_text().splitlines()
    return done.returncode, [call for call in calls if call.startswith("-m dvc")]


def test_without_a_mirror_the_embedded_digits_are_used(tmp_path) -> None:
    status, calls = repro_without_mnist(tmp_path, mirror="")
    assert status == 0
    assert calls == ["-m dvc repro download", "-m dvc exp run -S dataset=mnist_5k", "-m dvc repro"]


def test_a_mirror_that_the_user_named_must_deliver(tmp_path) -> None:
    status, calls = repro_without_mnist(tmp_path, mirror="/typo")
    assert status != 0
    assert calls == ["-m dvc repro download"]


def runs(command: Path) -> bool:
    try:
        return subprocess.run([command, "--version"], capture_output=True).returncode == 0
    except FileNotFoundError:  # its first line names a Python that is not there
        return False


@pytest.mark.slow
def test_a_venv_that_was_moved_is_made_anew_and_another_is_left_alone(tmp_path) -> None:
    target, python = ".venv/.installed", f"PYTHON={sys.executable}"
    old, moved = new_project(tmp_path / "it's old"), tmp_path / "moved"
    linked = new_project(tmp_path / "linked")  # now: pins newer than .venv would renew it
    assert make(old, target, python).returncode == 0
    assert runs(old / ".venv/bin/pip")
    assert "up to date" in make(old, target, python).stdout
    (linked / ".venv").symlink_to(old / ".venv")
    assert "up to date" in make(linked, target, python).stdout

    old.rename(moved)
    assert not runs(moved / ".venv/bin/pip")
    done = make(moved, target, python)
    assert done.returncode == 0, done.stderr
    assert runs(moved / ".venv/bin/pip")
    assert str(moved) in (moved / ".venv/bin/activate").read_text()
    assert "up to date" in make(moved, target, python).stdout
