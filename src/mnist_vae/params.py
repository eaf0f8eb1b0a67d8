"""params.yaml as validated, frozen objects. No other module opens it.

No stage lists this file under `deps`: it reads and refuses, and DVC tracks the values themselves.
"""

import difflib
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError, create_model

from mnist_vae.choices import DATASETS, LIKELIHOODS, NETWORKS, load_choice, names_in
from mnist_vae.errors import ParamsError
from mnist_vae.machine.limits import usable_memory
from mnist_vae.regular_file import read_regular
from mnist_vae.sections import (
    AutoOrCount,
    Section,
    fraction,
    integer,
    number,
    one_of,
    positive_number,
    subsection,
)
from mnist_vae.split import held_out
from mnist_vae.strict_yaml import StrictLoader

PARAMS = Path("params.yaml")
MAX_BYTES = 2**14  # of params.yaml, which has two thousand
MAX_FAULTS = 20  # named, each on its line
FLOAT_BYTES = 4


class ModelParams(Section):
    """Names, and a section for each file in model/networks/, which `schema` adds."""

    network: str = one_of(*names_in(NETWORKS))
    likelihood: str = one_of(*names_in(LIKELIHOODS))

    @property
    def options(self) -> Any:
        """The section of the network in use."""
        return getattr(self, self.network)


class ObjectiveParams(Section):
    beta: float = number(0, 1000)
    warm_up_epochs: int = integer(0, 100_000)
    importance_samples: int = integer(1, 1000)


ELBO = ObjectiveParams(beta=1.0, warm_up_epochs=0, importance_samples=1)


class TrainParams(Section):
    epochs: int = integer(1, 100_000)
    batch_size: int = integer(1, 60_000)
    learning_rate: float = number(1e-8, 1000)  # a smaller step is lost in float32's rounding
    schedule: str = one_of("constant", "linear", "cosine")
    validation_fraction: float = fraction()


class EvaluateParams(Section):
    importance_samples: int = integer(1, 100_000)


class PlotLatentParams(Section):
    points: int = integer(1, 70_000)


class GenerateParams(Section):
    grid: int = integer(1, 100)
    z_max: float = positive_number()


class ClassifyParams(Section):
    C: float = positive_number()
    max_iter: int = integer(1, 1_000_000)


class ReportParams(Section):
    images: int = integer(1, 20_000)


class MachineParams(Section):
    device: str = one_of("auto", "cpu", "cuda", "mps")
    threads: AutoOrCount


class Params(Section):
    dataset: str = one_of(*names_in(DATASETS))
    latent_dim: int = integer(1, 65536)
    seed: int = integer(0, 2**32 - 1)
    model: ModelParams = subsection()
    objective: ObjectiveParams = subsection()
    train: TrainParams = subsection()
    evaluate: EvaluateParams = subsection()
    plot_latent: PlotLatentParams = subsection()
    generate: GenerateParams = subsection()
    classify: ClassifyParams = subsection()
    report: ReportParams = subsection()
    machine: MachineParams = subsection()


@cache
def schema() -> type[Params]:
    """Params with the sections that the networks' own files define. Raises ParamsError."""
    sections: dict[str, Any] = {
        name: (load_choice(NETWORKS, name).Params, subsection()) for name in names_in(NETWORKS)
    }
    model: Any = create_model("ModelParams", __base__=ModelParams, **sections)
    return create_model("Params", __base__=Params, model=(model, subsection()))


def load_params(path: Path = PARAMS) -> Params:
    """Read and validate all of `path`. Raises ParamsError with one line per fault."""
    tree = load_tree(path)
    if not isinstance(tree, dict):
        allowed = ", ".join(Params.model_fields)
        raise ParamsError(f"{path}: must hold the keys {allowed}; it holds {abbreviate(tree)}")
    try:
        params = schema().model_validate(tree)
    except ValidationError as error:
        faults = error.errors()
        # A misspelt key is also a missing one: name it once.
        faults = [fault for fault in faults if fault["type"] == "extra_forbidden"] or faults
        lines = [f"{path}: {describe(fault)}" for fault in faults[:MAX_FAULTS]]
        if unnamed := len(faults) - len(lines):
            lines.append(f"{path}: and {unnamed} more faults")
        raise ParamsError("\n".join(lines)) from None
    try:
        check_sizes(params)
    except ParamsError as fault:
        raise ParamsError(f"{path}: {fault}") from None
    return params


def load_tree(path: Path) -> Any:
    """What the YAML of `path` stands for, unvalidated. Raises ParamsError."""
    try:
        return yaml.load(read_regular(path, MAX_BYTES).decode(), StrictLoader)
    except OSError as error:
        raise ParamsError(f"{path}: cannot be read: {error.strerror}") from None
    except Exception as error:  # `!!bool maybe` is a KeyError, `!!timestamp x` an AttributeError
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or type(error).__name__
        raise ParamsError(f"{path}{where}: is not a YAML file: {why}") from None


def check_sizes(params: Params) -> None:
    """Raises ParamsError for values that are allowed one by one but cannot work together, or not
    on this machine."""
    images = load_choice(DATASETS, params.dataset).TRAIN_IMAGES
    left = images - held_out(images, params.train.validation_fraction)
    if params.train.batch_size > left:
        raise ParamsError(
            f"train.batch_size is {params.train.batch_size}; {params.dataset} leaves {left} images "
            "to train on, and a batch cannot have more"
        )
    check_objective(params.objective, params.train)
    needed, present = memory_needed(params), usable_memory()
    if needed > present:
        network = params.model.network
        sizes = {"latent_dim": params.latent_dim}
        if params.objective.importance_samples > 1:
            sizes["objective.importance_samples"] = params.objective.importance_samples
        for key, value in params.model.options.model_dump(mode="json").items():
            sizes[f"model.{network}.{key}"] = value
        named = " and ".join(f"{key} is {abbreviate(value)}" for key, value in sizes.items())
        raise ParamsError(
            f"{named}; this takes at least {needed / 1e9:.1f} GB of memory, and this process may "
            f"use {present / 1e9:.1f} GB"
        )


def check_objective(objective: ObjectiveParams, train: TrainParams) -> None:
    """Raises ParamsError."""
    if objective.importance_samples > 1 and (objective.beta != 1 or objective.warm_up_epochs):
        raise ParamsError(
            f"objective.importance_samples is {objective.importance_samples}; above 1, "
            "objective.beta must be 1 and objective.warm_up_epochs 0, for the importance-weighted "
            "bound has no KL of its own to weigh"
        )
    if objective.warm_up_epochs > train.epochs:
        raise ParamsError(
            f"objective.warm_up_epochs is {objective.warm_up_epochs}; train.epochs is "
            f"{train.epochs}, and the warm-up cannot last longer"
        )


def memory_needed(params: Params) -> int:
    """Bytes without which no stage can work: the weights, their gradients and Adam's two moments,
    z_mean and z_log_var of all images and the file that holds them, or an epoch's eps."""
    dataset = load_choice(DATASETS, params.dataset)
    network = load_choice(NETWORKS, params.model.network)
    weights = network.count_weights(params.model.options, params.latent_dim)
    codes = (dataset.TRAIN_IMAGES + dataset.TEST_IMAGES) * params.latent_dim
    eps = dataset.TRAIN_IMAGES * params.latent_dim * params.objective.importance_samples
    return FLOAT_BYTES * max(4 * weights, 4 * codes, eps)


def describe(fault: Any) -> str:
    """One of pydantic's faults as `key is value; it must be what is allowed`."""
    parts = map(str, fault["loc"])
    section, key = schema(), ".".join(p if p.isprintable() and p else repr(p) for p in parts)
    for part in fault["loc"]:
        field = section.model_fields.get(part)
        if field is None:
            close = difflib.get_close_matches(str(part), section.model_fields, n=1)
            hint = f"did you mean {close[0]}?" if close else "there is no such key"
            allowed = ", ".join(section.model_fields)
            value = abbreviate(fault["input"])
            return f"{key} is unknown: {hint} (value {value}; allowed: {allowed})"
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, Section)):
            break
        section = field.annotation
    if fault["type"] == "missing":
        return f"{key} is missing; it must be {field.description}"
    return f"{key} is {abbreviate(fault['input'])}; it must be {field.description}"


def abbreviate(value: Any) -> str:
    """`value` on one short line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
