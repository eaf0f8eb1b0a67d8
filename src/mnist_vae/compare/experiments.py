"""What experiments were made with and what they gave, straight from Git.

DVC's own `exp show` looks at every out of each of them; this reads two or three small files.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from mnist_vae.errors import DataError
from mnist_vae.files.provenance import flatten
from mnist_vae.git import experiments, git, git_bytes
from mnist_vae.params.loading import PARAMS
from mnist_vae.params.strict_yaml import StrictLoader

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class QuickLoader(Loader):
    """Ten times as fast where libyaml is there; its scalars are those of StrictLoader."""

    yaml_implicit_resolvers = StrictLoader.yaml_implicit_resolvers


class Experiment(NamedTuple):
    """Parameters and metrics by dotted key, `latent_dim`, `test.neg_elbo_nats`."""

    name: str
    params: dict[str, Any]
    metrics: dict[str, float]


def read_experiments(
    root: Path, names: Collection[str] | None = None, commit: str = "HEAD"
) -> list[Experiment]:
    """All on `commit` of the repository `root`, or only those in `names`.

    Raises DataError if one has no params.yaml; GitError.
    """
    found = experiments(git("rev-parse", "--verify", commit, folder=root), root)
    if names is not None:
        found = {name: commit for name, commit in found.items() if name in names}
    metrics = metrics_files(root, found.values())
    wanted = [f"{commit}:{file}" for commit in found.values() for file in (PARAMS.name, *metrics)]
    blobs = iter(read_blobs(root, wanted))
    return [parse(name, next(blobs), [next(blobs) for _ in metrics]) for name in found]


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


def parse(name: str, params: bytes | None, metrics: list[bytes | None]) -> Experiment:
    """Raises DataError."""
    try:
        values = flatten(yaml.load(params or b"", QuickLoader))
        numbers = flatten({str(i): json.loads(text) for i, text in enumerate(metrics) if text})
    except (ValueError, AttributeError, yaml.YAMLError):
        raise DataError(f"{name}: its {PARAMS} or its metrics cannot be read") from None
    return Experiment(name, values, {key.partition(".")[2]: v for key, v in numbers.items()})
