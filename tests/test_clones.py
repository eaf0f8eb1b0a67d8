"""Clones hold the committed bytes, whatever Git is told about line ends."""

import os
import subprocess
from pathlib import Path

from default_run import ROOT


def git(*arguments: str | Path) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", *arguments], env=env, check=True, capture_output=True, text=True
    ).stdout


def test_git_hands_out_the_committed_bytes(tmp_path) -> None:
    plain, converting = tmp_path / "plain", tmp_path / "converting"
    git("clone", "--quiet", ROOT, plain)
    git("clone", "--quiet", "--config", "core.autocrlf=true", ROOT, converting)
    names = git("-C", plain, "ls-files", "-z").split("\0")[:-1]
    assert len(names) > 50
    for name in names:
        assert (converting / name).read_bytes() == (plain / name).read_bytes(), name
