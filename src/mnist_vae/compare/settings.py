"""Experiments that differ in their seed alone are one setting; settings are what is compared."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import yaml

from mnist_vae.compare.experiments import Experiment
from mnist_vae.errors import WrongInputError
from mnist_vae.params.strict_yaml import StrictLoader

SEED = "seed"
LIKELIHOOD = "model.likelihood"  # decides which pixels a run is scored on, as the images do


class Estimate(NamedTuple):
    """A mean over `count` seeds and its standard error; nan for a single one."""

    mean: float
    stderr: float
    count: int


class Setting(NamedTuple):
    """`values` of the parameters that differ, `code` and `run` among them where these do, and the
    run of each seed."""

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


def differences_of(experiments: Sequence[Experiment]) -> list[tuple[Experiment, dict[str, Any]]]:
    """Each run with its values of the parameters that differ, in the order of params.yaml, and of
    `code`, a letter for each version, where that does; sorted by them."""
    keys, edited = differing(experiments), edited_code(experiments)
    versions = dict.fromkeys(code_of(run, edited) for run in experiments)
    letters = {version: letter(number) for number, version in enumerate(filter(any, versions))}
    found = []
    for run in experiments:
        values = {key: run.params.get(key) for key in keys}
        if letters:
            values["code"] = letters.get(code_of(run, edited))
        found.append((run, values))
    return sorted(found, key=lambda pair: sorting(pair[1]))


def settings_of(experiments: Sequence[Experiment]) -> list[Setting]:
    """Sorted as `differences_of` does. Runs of one seed with other results, which neither
    parameters nor code explain, are settings of their own."""
    found: dict[str, Setting] = {}
    for run, values in differences_of(experiments):
        seed = values.pop(SEED, run.params.get(SEED, 0))
        setting = found.setdefault(repr(values), Setting(values, {}))
        if setting.runs.get(seed, run).metrics != run.metrics:
            setting = found[run.name] = Setting(values | {"run": run.name}, {})
        setting.runs[seed] = run
    names = dict.fromkeys(key for setting in found.values() for key in setting.values)
    whole = [Setting({k: s.values.get(k) for k in names}, s.runs) for s in found.values()]
    return sorted(whole, key=lambda setting: sorting(setting.values))


def sorting(values: dict[str, Any]) -> list[tuple[int, Any]]:
    return [sortable(value) for value in values.values()]


def edited_code(experiments: Sequence[Experiment]) -> list[str]:
    """The files and folders of code that are not the same in all `experiments` that use them."""
    paths = dict.fromkeys(path for run in experiments for path in run.code)
    return [p for p in paths if len({run.code[p] for run in experiments if p in run.code}) > 1]


def code_of(run: Experiment, edited: Sequence[str]) -> tuple[str | None, ...]:
    return tuple(run.code.get(path) for path in edited)


def letter(number: int) -> str:
    """A to Z, then A1, B1, ..."""
    return chr(ord("A") + number % 26) + (str(number // 26) if number > 25 else "")


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
    """As it stands in an experiment's name; `-` for what a run has no value of."""
    if value is None:
        return "-"
    if isinstance(value, list):
        return "-".join(map(text_of, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def label(values: dict[str, Any]) -> str:
    """`latent_dim=8, model.network=conv`"""
    return ", ".join(
        f"{key}={text_of(value)}" for key, value in values.items() if value is not None
    )


def short_label(values: dict[str, Any]) -> str:
    """`latent_dim=8, network=conv`"""
    return label({key.rpartition(".")[2]: value for key, value in values.items()})


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
    seeds = [seed for seed in setting.runs if seed in baseline.runs]
    pairs = [(setting.runs[seed], baseline.runs[seed]) for seed in seeds]
    if metric.endswith("_nats") and not all(same_pixels(a, b) for a, b in pairs):
        return None
    metrics = [(a.metrics, b.metrics) for a, b in pairs]
    return estimate([a[metric] - b[metric] for a, b in metrics if metric in a and metric in b])


def same_pixels(a: Experiment, b: Experiment) -> bool:
    """Whether both were scored on the same ones."""
    alike = all(a.params.get(key) == b.params.get(key) for key in ("dataset", LIKELIHOOD))
    return alike and a.images == b.images
