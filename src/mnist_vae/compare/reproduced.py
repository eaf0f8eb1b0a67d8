"""Whether what lies here is what is committed: `python -m mnist_vae.compare.reproduced`."""

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from mnist_vae.compare.experiments import CODE
from mnist_vae.errors import PipelineError
from mnist_vae.git import git
from mnist_vae.machine.cpu import has_avx2

LOCK = "dvc.lock"
NAMED = 3  # of what differs


def verdict(folder: Path = Path()) -> str:
    """About the outputs of all stages. Raises PipelineError if there is nothing to compare."""
    stages = [
        yaml.safe_load(text)["stages"]
        for text in ((folder / LOCK).read_text(), git("show", f"HEAD:{LOCK}", folder=folder))
    ]
    here, committed = (dict(outs(each)) for each in stages)
    odd = sorted(path for path in here.keys() | committed if here.get(path) != committed.get(path))
    if not odd:
        return f"all {len(here)} outputs have the committed bytes"
    return f"{len(odd)} of {len(here)} outputs differ from the committed ones: {reason(*stages)}"


def outs(stages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each output and its MD5."""
    for stage in stages.values():
        yield from ((out["path"], out["md5"]) for out in stage.get("outs", []))


def reason(here: Mapping[str, Any], committed: Mapping[str, Any]) -> str:
    """The likeliest one."""
    for what, found in (("parameters", parameters), ("code or images", code)):
        ours, theirs = dict(found(here)), dict(found(committed))
        if odd := sorted(k for k in ours.keys() | theirs if ours.get(k) != theirs.get(k)):
            return f"other {what} ({few(odd)})"
    if not has_avx2():
        return "the last digits are this machine's own, which is not Linux on x86-64 with AVX2"
    if odd := other_versions():
        return f"other packages than requirements.txt pins ({few(odd)})"
    return "neither parameters, code nor packages say why; this should not be, please report it"


def parameters(stages: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for stage in stages.values():
        yield from stage.get("params", {}).get("params.yaml", {}).items()


def code(stages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for stage in stages.values():
        for dep in stage.get("deps", []):
            if dep["path"].startswith(CODE):
                yield dep["path"], dep["md5"]


def other_versions(pins: Path = Path("requirements.txt")) -> list[str]:
    """The pinned packages of which another release is installed, or none."""
    return [
        name
        for name, pinned in re.findall(r"^([\w-]+)==(\S+)$", pins.read_text(), re.MULTILINE)
        if installed(name).partition("+")[0] != pinned
    ]


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def few(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if names[NAMED:] else "")


if __name__ == "__main__":
    try:
        print(verdict())
    except (OSError, PipelineError, yaml.YAMLError, KeyError) as error:
        sys.exit(f"nothing to compare with: {error}")
