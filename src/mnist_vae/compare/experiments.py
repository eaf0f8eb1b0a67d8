"""What experiments were made with and what they gave, straight from Git.

DVC's own `exp show` looks at every out of each of them; this reads three or four small files.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mnist_vae.compare.lock import Stage, makers_of, stages_of, stale
from mnist_vae.errors import DataError
from mnist_vae.git import experiments, git, git_bytes
from mnist_vae.params.dotted import flatten
from mnist_vae.params.loading import PARAMS
from mnist_vae.params.strict_yaml import QuickLoader

LOCK = "dvc.lock"
CODE = "src/", "stages/", "datasets/"
IMAGES = "data/images.npz"


class Experiment(NamedTuple):
    """Parameters that decide its results and metrics, by dotted key: `latent_dim`,
    `test.neg_elbo_nats`; `code` has the MD5 of each file or folder of code, and of the data set's,
    behind the metrics, by path. Metrics of stages that did not run with these parameters are left
    out, and `not_run` names the stages. `images` is the MD5 of the images behind the metrics."""

    name: str
    params: dict[str, Any]
    metrics: dict[str, float]
    code: dict[str, str]
    not_run: tuple[str, ...] = ()
    images: str = ""


def read_experiments(
    root: Path, names: Collection[str] | None = None, commit: str = "HEAD"
) -> list[Experiment]:
    """All on `commit` of the repository `root`, or only those in `names`.

    Raises DataError if one has no params.yaml; GitError.
    """
    found = experiments(git("rev-parse", "--verify", commit, folder=root), root)
    if names is not None:
        found = {name: commit for name, commit in found.items() if name in names}
    return list(read_commits(root, found))


def read_commits(root: Path, commits: dict[str, str]) -> Iterator[Experiment]:
    """Of revisions by name. Raises DataError and GitError."""
    metrics = metrics_files(root, commits.values())
    files = PARAMS.name, LOCK, *metrics
    blobs = iter(read_blobs(root, [f"{c}:./{file}" for c in commits.values() for file in files]))
    for name in commits:
        params, lock, *found = (next(blobs) for _ in files)
        yield parse(name, params, lock, dict(zip(metrics, found, strict=True)))


def metrics_files(root: Path, commits: Collection[str]) -> list[str]:
    """Every metrics file that one of the first or last experiments has."""
    some = {*list(commits)[:1], *list(commits)[-1:]}
    listed = [git("ls-tree", "--name-only", commit, "metrics/", folder=root) for commit in some]
    return sorted({name for names in listed for name in names.splitlines()})


def read_blobs(root: Path, names: list[str]) -> list[bytes | None]:
    """The contents of `commit:path`, None for one that is not there."""
    stdin = "".join(f"{name}\n" for name in names).encode()
    output, start, found = git_bytes("cat-file", "--batch", folder=root, stdin=stdin), 0, []
    for _ in names:
        end = output.index(b"\n", start)
        header, start = output[start:end], end + 1
        if header.endswith(b" missing"):
            found.append(None)
            continue
        size = int(header.split()[-1])
        found.append(output[start : start + size])
        start += size + 1
    return found


def parse(
    name: str, params: bytes | None, lock: bytes | None, files: Mapping[str, bytes | None]
) -> Experiment:
    """Raises DataError."""
    try:
        values = in_use(flatten(yaml.load(params or b"", QuickLoader)))
        stages = stages_of((lock or b"").decode())
        metrics: dict[str, float] = {}
        code: dict[str, str] = {}
        not_run, images = [], ""
        for file, text in files.items():
            made_by = next((s for s in stages.values() if file in s.outs), None)
            if made_by and stale(made_by, stages, values):
                not_run.append(made_by.name)
            elif text:
                metrics |= flatten(json.loads(text))
                code |= code_behind(made_by, stages)
                images = (made_by.deps.get(IMAGES) if made_by else "") or images
    except (ValueError, AttributeError, LookupError, TypeError, yaml.YAMLError):
        raise DataError(f"{name}: its {PARAMS}, {LOCK} or metrics cannot be read") from None
    return Experiment(name, values, metrics, code, tuple(not_run), images)


def in_use(params: dict[str, Any]) -> dict[str, Any]:
    """Without the sections of other networks, and without the threads, which change no result."""
    network = params.get("model.network")
    return {
        key: value
        for key, value in params.items()
        if key != "machine.threads" and not (key.count(".") > 1 and key.split(".")[1] != network)
    }


def code_behind(stage: Stage | None, stages: dict[str, Stage]) -> dict[str, str]:
    """The code of `stage` and of those whose outs it read."""
    if not stage:
        return {}
    makers = makers_of(stages)
    found = {path: md5 for path, md5 in stage.deps.items() if path.startswith(CODE)}
    for path in stage.deps.keys() & makers.keys():
        found |= code_behind(makers[path], stages)
    return found
