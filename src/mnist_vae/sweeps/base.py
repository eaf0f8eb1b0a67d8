"""The commit that a grid varies, its experiments and clones, and where points keep their logs."""

import contextlib
import json
import secrets
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from configobj import ConfigObj

from mnist_vae.errors import PipelineError, WrongInputError
from mnist_vae.files.io import write_bytes
from mnist_vae.git import GitError, experiment_ref, experiments, git


class Point(NamedTuple):
    """One experiment: its name, and what `dvc exp run` takes after each -S."""

    name: str
    overrides: list[str]


class Base(NamedTuple):
    """The repository's root, and the hash of its HEAD."""

    root: Path
    head: str

    @property
    def folder(self) -> Path:
        return self.root / ".dvc" / "tmp" / "sweep" / self.head[:12]

    def ref(self, name: str) -> str:
        return experiment_ref(self.head, name)

    def done(self) -> set[str]:
        """The names of all experiments on this commit."""
        return set(experiments(self.head, self.root))

    def clone_into(self, folder: Path) -> None:
        """A shared clone: it copies no objects and has none of DVC's experiments."""
        git("clone", "--quiet", "--shared", "--no-checkout", str(self.root), str(folder))
        git("checkout", "--quiet", "--detach", self.head, folder=folder)

    def tool(self) -> Path:
        """This tool as committed: a point may start long after the user went on editing."""
        code = self.folder / "code"
        if not code.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                self.clone_into(Path(folder) / "code")
                with contextlib.suppress(OSError):  # another sweep was faster
                    (Path(folder) / "code").rename(code)
        return code / "sweep.py"


def find_base(root: Path) -> Base:
    """Raises PipelineError where experiments cannot be kept."""
    if git("rev-parse", "--is-shallow-repository", folder=root) == "true":
        raise WrongInputError("a shallow clone keeps no experiments; `git fetch --unshallow` first")
    try:
        return Base(root, git("rev-parse", "--verify", "HEAD", folder=root))
    except GitError:
        raise WrongInputError("there is no commit, and a point is a commit plus values") from None


def refuse_changes(base: Base) -> None:
    """Raises WrongInputError."""
    changed = git("diff", "--name-only", "HEAD", folder=base.root).splitlines()
    if changed:
        names = ", ".join(changed[:5]) + (", ..." if len(changed) > 5 else "")
        raise WrongInputError(
            f"{names}: changed since the last commit, and a point is a commit plus values: commit "
            "or discard the changes first"
        )


class Plan(NamedTuple):
    """What workers are told: tasks of one or more points, and DVC's settings for the clones."""

    base: Base
    settings: list[str]  # the lines of .dvc/config.local
    tasks: list[list[Point]]

    def save(self, cluster: str) -> Path:
        path = self.base.folder / f"{cluster}-{secrets.token_hex(4)}.json"
        write_bytes(path, json.dumps(self, default=str).encode())
        return path

    @classmethod
    def load(cls, path: Path) -> "Plan":
        (root, head), settings, tasks = json.loads(path.read_bytes())
        tasks = [[Point(*point) for point in task] for task in tasks]
        return cls(Base(Path(root), head), settings, tasks)


def make_plan(base: Base, points: list[Point], points_per_job: int) -> Plan:
    """The first point is a task of its own: what it leaves in the cache serves all others.

    Raises PipelineError.
    """
    from dvc.exceptions import DvcException  # takes half a second to load
    from dvc.repo import Repo

    try:
        with Repo(str(base.root)) as repo:
            settings: Any = repo.config.read("local")
            settings["cache"]["dir"] = repo.cache.local_cache_dir
    except DvcException as error:
        raise PipelineError(f"dvc: {error}") from None
    rest = range(1, len(points), points_per_job)
    tasks = [points[:1]] + [points[start : start + points_per_job] for start in rest]
    return Plan(base, ConfigObj(settings).write() or [], tasks)
