"""Git as a command."""

import os
import subprocess
from pathlib import Path

from mnist_vae.errors import PipelineError

ELSEWHERE = "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"  # set inside Git's hooks


class GitError(PipelineError):
    """Git refused."""


def git(*arguments: str, folder: Path | None = None) -> str:
    """What `git arguments` prints in `folder`, stripped. Raises GitError with the first "fatal:" or
    "error:" line that Git printed, or else its first line."""
    return git_bytes(*arguments, folder=folder).decode(errors="replace").strip()


def git_bytes(*arguments: str, folder: Path | None = None, stdin: bytes = b"") -> bytes:
    """Raises GitError."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=own_environment(), input=stdin, capture_output=True
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason"]
        lines = [line for line in complaint if line.startswith(("fatal:", "error:"))] or complaint
        raise GitError(f"git {arguments[0]}: {lines[0]}")
    return done.stdout


def own_environment() -> dict[str, str]:
    """The caller's, in which Git finds the repository by the folder alone."""
    return {key: value for key, value in os.environ.items() if key not in ELSEWHERE}


def experiment_ref(head: str, name: str = "") -> str:
    """That of an experiment on the commit `head`, as DVC names it; without a name, all have it."""
    return f"refs/exps/{head[:2]}/{head[2:]}/{name}"


def experiments(head: str, folder: Path) -> dict[str, str]:
    """The commits of all experiments on the commit `head`, by name. Raises GitError."""
    space = experiment_ref(head)
    listed = git("for-each-ref", "--format=%(refname) %(objectname)", space, folder=folder)
    return dict(line.removeprefix(space).split() for line in listed.splitlines())
