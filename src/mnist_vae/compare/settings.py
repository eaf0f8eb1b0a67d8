"""Experiments that differ in their seed alone are one setting; settings are what is compared."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import yaml

from mnist_vae.compare.experiments import Experiment
from mnist_vae.compare.pairs import SAME_IMAGES
from mnist_vae.errors import WrongInputError
from mnist_vae.params.strict_yaml import StrictLoader

SEED = "seed"


class Estimate(NamedTuple):
    """A mean over `count` seeds and its standard error; nan for a single one."""

    mean: float
    stderr: float
    count: int


class Setting(NamedTuple):
    """`values` of the parameters that differ, and the metrics of each seed."""

    values: dict[str, Any]
    runs: dict[int, Experiment]

    def estimate(self, metric: str) -> Estimate | None:
        """Over all seeds; None if no run has the metric."""
        found = (run.metrics.get(metric) for run in self.runs.values())
        return estimate([value for value in found if value is not None])


def estimate(values: Sequence[float]) -> Estimate | None:
    if not values:
        return None
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else math.nan
    return Estimate(float(np.mean(values)), spread / math.sqrt(len(values)), len(values))


def settings_of(experiments: Sequence[Experiment]) -> list[Setting]:
    """Sorted by the values of the parameters that differ, in the order of params.yaml."""
    keys = [key for key in differing(experiments) if key != SEED]
    found: dict[str, Setting] = {}
    for run in experiments:
        values = {key: run.params.get(key) for key in keys}
        setting = found.setdefault(repr(values), Setting(values, {}))
        setting.runs[run.params.get(SEED, 0)] = run
    return sorted(found.values(), key=lambda s: [sortable(v) for v in s.values.values()])


def differing(experiments: Sequence[Experiment]) -> list[str]:
    """The parameters that do not have the same value in all `experiments`."""
    keys = dict.fromkeys(key for run in experiments for key in run.params)
    return [key for key in keys if len({repr(run.params.get(key)) for run in experiments}) > 1]


def sortable(value: Any) -> tuple[int, Any]:
    """Numbers by size, before lists, before text."""
    if isinstance(value, (int, float)):
        return 0, value
    return (1, [len(value), *map(str, value)]) if isinstance(value, list) else (2, str(value))


def text_of(value: Any) -> str:
    """As it stands in an experiment's name."""
    if isinstance(value, list):
        return "-".join(map(text_of, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def label(values: dict[str, Any]) -> str:
    """`latent_dim=8, model.network=conv`"""
    return ", ".join(f"{key}={text_of(value)}" for key, value in values.items())


def find_setting(settings: Sequence[Setting], wanted: str) -> Setting:
    """The one that `wanted` describes: `latent_dim=2`, or an experiment's name.

    Raises WrongInputError.
    """
    named = (part.partition("=") for part in wanted.split(","))
    parts = {key: text for key, _, text in named}
    found = [
        setting
        for setting in settings
        if all(same(setting.values[key], parts.get(key)) for key in setting.values)
    ]
    if len(found) != 1 or not parts.keys() & (found[0].values.keys() | {SEED}):
        known = "; ".join(label(setting.values).replace(", ", ",") for setting in settings[:20])
        raise WrongInputError(f"{wanted} is not one of the settings: {known}")
    return found[0]


def same(value: Any, text: str | None) -> bool:
    """Whether `text` can stand for `value`; no text stands for any."""
    try:
        return text in (text_of(value), None) or yaml.load(text, StrictLoader) == value
    except yaml.YAMLError:
        return False


def paired(setting: Setting, baseline: Setting, metric: str) -> Estimate | None:
    """The difference from `baseline`, over the seeds that both have.

    None if there is no such seed, or if the nats are of other pixels.
    """
    if metric.endswith("_nats"):
        for key in SAME_IMAGES:
            if setting.values.get(key) != baseline.values.get(key):
                return None
    seeds = [seed for seed in setting.runs if seed in baseline.runs]
    pairs = [(setting.runs[seed].metrics, baseline.runs[seed].metrics) for seed in seeds]
    return estimate([a[metric] - b[metric] for a, b in pairs if metric in a and metric in b])
