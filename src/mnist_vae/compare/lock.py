"""dvc.lock: what each stage was last run with."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import yaml

from mnist_vae.params.dotted import flatten
from mnist_vae.params.strict_yaml import QuickLoader

STAGE = re.compile(r"^  (?=\S)", re.MULTILINE)
PART = re.compile(r"    - path: (.+)\n(?:      hash: .+\n)?      md5: (\S+)")


class Stage(NamedTuple):
    """The MD5 of each dep and out by its path, and the parameters by dotted key."""

    name: str
    deps: Mapping[str, str]
    params: Mapping[str, Any]
    outs: Mapping[str, str]


def stages_of(text: str) -> dict[str, Stage]:
    """By name. Raises YAMLError and what a file of another kind makes Python raise."""
    entries = STAGE.split(text.partition("\nstages:\n")[2])[1:]
    return {stage.name: stage for stage in map(stage_of, entries)}


@cache
def stage_of(entry: str) -> Stage:
    """Most experiments share the entries of most stages: each is parsed once. Only parameters need
    a parser for YAML, which is slow: DVC writes one path and its MD5 below the other."""
    name, _, fields = entry.partition(":\n")
    before, _, outs = fields.partition("    outs:\n")
    deps, _, params = before.partition("    params:\n")
    values = yaml.load(params, QuickLoader) or {}
    found = flatten(values.get("params.yaml", {}))
    return Stage(name, dict(PART.findall(deps)), found, dict(PART.findall(outs)))


def outs_of(text: str) -> dict[str, str]:
    """The MD5 of each out of a dvc.lock, by its path; quicker than `stages_of`."""
    parts = text.split("    outs:\n")[1:]
    return {path: md5 for part in parts for path, md5 in PART.findall(STAGE.split(part)[0])}


def stale(stage: Stage, stages: Mapping[str, Stage], params: Mapping[str, Any]) -> bool:
    """Whether `stage` did not run with the values `params` or with what earlier stages now give:
    an experiment with a target leaves later stages as they were."""
    if any(params.get(key) != value for key, value in stage.params.items()):
        return True
    makers = makers_of(stages)
    return any(
        makers[path].outs[path] != md5 or stale(makers[path], stages, params)
        for path, md5 in stage.deps.items()
        if path in makers
    )


def makers_of(stages: Mapping[str, Stage]) -> dict[str, Stage]:
    """The stage that made each out. That of check_params says nothing: its content is fixed."""
    return {
        out: stage
        for stage in stages.values()
        for out in stage.outs
        if stage.name != "check_params"
    }
