"""The commit that a grid varies, its experiments and clones, and where points keep their logs."""

import contextlib
import json
import secrets
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from configobj import ConfigObj

from mnist_vae.compare.experiments import read_blobs
from mnist_vae.compare.lock import outs_of
from mnist_vae.errors import PipelineError, WrongInputError
from mnist_vae.files.io import write_bytes
from mnist_vae.git import (
    Environment,
    GitError,
    experiment_ref,
    experiments,
    git,
    own_environment,
)

# Clones are nobody's but ours: no hook may end them, nor a transport that is switched off, nor the
# question whose folder it is, for the user's own Git has accepted the repository before.
GIT_CONFIG = b"""[core]
hooksPath = /dev/null
[protocol "file"]
allow = always
[safe]
directory = *
"""


class Point(NamedTuple):
    """One experiment: its name, and what `dvc exp run` takes after each -S."""

    name: str
    overrides: list[str]


class Base(NamedTuple):
    """The root of DVC's repository, the hash of Git's HEAD, where in Git's repository the root lies
    (`""`, or `part/of/it/`), and the folder of DVC's cache."""

    root: Path
    head: str
    prefix: str
    cache: Path

    @property
    def folder(self) -> Path:
        return self.root / ".dvc" / "tmp" / "sweep" / self.head[:12]

    def ref(self, name: str) -> str:
        return experiment_ref(self.head, name)

    def done(self) -> set[str]:
        """The names of the experiments on this commit whose outs Git or DVC's cache holds: `dvc gc`
        deletes those that it was not told to keep."""
        found = experiments(self.head, self.root)
        locks = read_blobs(self.root, [f"{commit}:./dvc.lock" for commit in found.values()])
        tracked = set(git("ls-files", folder=self.root).splitlines())
        return {
            name
            for name, lock in zip(found, locks, strict=True)
            if all(
                path in tracked or self.cached(md5).exists()
                for path, md5 in outs_of((lock or b"").decode()).items()
            )
        }

    def cached(self, md5: str) -> Path:
        """Where DVC's cache has a file."""
        return self.cache / "files" / "md5" / md5[:2] / md5[2:]

    def environment(self) -> Environment:
        """One in which Git, in our clones, knows no settings but GIT_CONFIG."""
        config = self.folder / "gitconfig"
        if not config.exists():
            write_bytes(config, GIT_CONFIG)
        ours = {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
        given = own_environment()
        return {k: v for k, v in given.items() if not k.startswith("GIT_CONFIG")} | ours

    def clone_into(self, folder: Path) -> Path:
        """A shared clone: it copies no objects and has none of DVC's experiments. Returns the root
        of DVC's repository in it."""
        top, env = git("rev-parse", "--show-toplevel", folder=self.root), self.environment()
        shared = "--quiet", "--shared", "--no-checkout", "--template="
        git("clone", *shared, top, str(folder), env=env)
        git("checkout", "--quiet", "--detach", self.head, folder=folder, env=env)
        return folder / self.prefix

    def tool(self) -> Path:
        """This tool as committed: a point may start long after the user went on editing."""
        code = self.folder / "code"
        if not code.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                self.clone_into(Path(folder) / "code")
                with contextlib.suppress(OSError):  # another sweep was faster
                    (Path(folder) / "code").rename(code)
        return code / self.prefix / "sweep.py"


def find_base(root: Path) -> Base:
    """Raises PipelineError where experiments cannot be kept."""
    if git("rev-parse", "--is-shallow-repository", folder=root) == "true":
        raise WrongInputError("a shallow clone keeps no experiments; `git fetch --unshallow` first")
    try:
        head = git("rev-parse", "--verify", "HEAD", folder=root)
    except GitError:
        raise WrongInputError("there is no commit, and a point is a commit plus values") from None
    from dvc.config import Config, ConfigError  # takes a tenth of a second

    try:
        chosen = Config(str(root / ".dvc"))["cache"].get("dir")
    except ConfigError as error:
        raise PipelineError(f"dvc: {error}") from None
    cache = root / ".dvc" / (chosen or "cache")
    return Base(root, head, git("rev-parse", "--show-prefix", folder=root), cache)


def refuse_changes(base: Base, but: str = "") -> None:
    """Of files that Git tracks, but for those in a folder. Raises WrongInputError."""
    files = (".", f":!{but}") if but else (".",)
    named = git("diff", "--name-only", "--relative", "HEAD", "--", *files, folder=base.root)
    changed = named.splitlines()
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
        (root, head, prefix, cache), settings, tasks = json.loads(path.read_bytes())
        tasks = [[Point(*point) for point in task] for task in tasks]
        return cls(Base(Path(root), head, prefix, Path(cache)), settings, tasks)


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
            for name, remote in repo.config["remote"].items():  # relative to the user's repository
                settings["remote"].setdefault(name, {})["url"] = remote["url"]
    except DvcException as error:
        raise PipelineError(f"dvc: {error}") from None
    rest = range(1, len(points), points_per_job)
    tasks = [points[:1]] + [points[start : start + points_per_job] for start in rest]
    return Plan(base, ConfigObj(settings).write() or [], tasks)
