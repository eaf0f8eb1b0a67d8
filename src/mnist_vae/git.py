"""Git as a command."""

import os
import subprocess
from pathlib import Path

from mnist_vae.errors import PipelineError

ELSEWHERE = "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"  # set inside Git's hooks
Environment = dict[str, str]


class GitError(PipelineError):
    """Git refused."""


def git(*arguments: str, folder: Path | None = None, env: Environment | None = None) -> str:
    """What `git arguments` prints in `folder`, stripped. Raises GitError with the first "fatal:" or
    "error:" line that Git printed, or else its first line."""
    return git_bytes(*arguments, folder=folder, env=env).decode(errors="replace").strip()


def git_bytes(
    *arguments: str, folder: Path | None = None, stdin: bytes = b"", env: Environment | None = None
) -> bytes:
    """Raises GitError."""
    env = own_environment() if env is None else env
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=env, input=stdin, capture_output=True
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason"]
        lines = [line for line in complaint if line.startswith(("fatal:", "error:"))] or complaint
        command = next(word for word in arguments if word[0] != "-" and "=" not in word)
        raise GitError(f"git {command}: {lines[0]}")
    return done.stdout


def own_environment() -> Environment:
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


def commits_with_experiments(folder: Path) -> dict[str, int]:
    """How many each commit has, the commit of the newest experiment first. Raises GitError."""
    pattern = f"refs/exps/{'[0-9a-f]' * 2}/{'[0-9a-f]' * 38}/*"
    listed = git(
        "for-each-ref", "--sort=-creatordate", "--format=%(refname)", pattern, folder=folder
    )
    heads = ["".join(ref.split("/")[2:4]) for ref in listed.splitlines()]
    return {head: heads.count(head) for head in dict.fromkeys(heads)}


def experiment_named(name: str, folder: Path | None = None) -> str | None:
    """The newest experiment of that name, on whatever commit. Raises GitError."""
    newest = "--count=1", "--sort=-creatordate", "--format=%(objectname)"
    return git("for-each-ref", *newest, f"refs/exps/*/*/{name}", folder=folder) or None
