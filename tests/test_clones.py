"""Clones hold the committed bytes, whatever Git is told about line ends."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from committed import ROOT


def git(*arguments: str | Path) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", *arguments], env=env, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("setting", ["core.autocrlf=true", "core.autocrlf=input", "core.eol=crlf"])
def test_git_hands_out_the_committed_bytes(tmp_path, setting) -> None:
    git("clone", "--quiet", "--config", setting, ROOT, tmp_path / "clone")
    checked = 0
    for line in git("-C", tmp_path / "clone", "ls-files", "--stage", "-z").split("\0"):
        if line:
            blob, name = line.split()[1], line.partition("\t")[2]
            content = (tmp_path / "clone" / name).read_bytes()
            assert hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest() == blob, name
            checked += 1
    assert checked > 50
    (tmp_path / "clone" / "dvc.lock").touch()  # so that Git looks at it again
    assert git("-C", tmp_path / "clone", "status", "--porcelain") == ""
