"""params.yaml -> validated, frozen objects. The only place that opens it."""

import difflib
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import psutil
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mnist_vae.errors import ParamsError

PARAMS = Path("params.yaml")
IMAGES = {"mnist": (60_000, 10_000), "mnist_5k": (4_000, 1_000)}  # training, test
OF_IMAGES = ("dataset",)  # what data/images.npz depends on
OF_MODEL = ("dataset", "latent_dim", "seed", "model", "train")  # and the model, and the latents


class Section(BaseModel):
    """Strict: no unknown key, no conversion between types, no nan or inf."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def whole(low: int, high: int) -> Any:
    return Field(ge=low, le=high, description=f"a whole number from {low} to {high}")


def positive() -> Any:
    return Field(gt=0, description="a finite number above 0")


def one_of(*names: str) -> Any:
    return Field(description="one of " + ", ".join(names))


class ModelParams(Section):
    architecture: Literal["mlp"] = one_of("mlp")
    hidden_dims: tuple[Annotated[int, Field(ge=1, le=65536, strict=True)], ...] = Field(
        strict=False,  # YAML has lists, no tuples
        min_length=1,
        description="a list of one or more whole numbers from 1 to 65536",
    )


class TrainParams(Section):
    epochs: int = whole(1, 100_000)
    batch_size: int = whole(1, 60_000)
    learning_rate: float = positive()
    schedule: Literal["constant", "linear", "cosine"] = one_of("constant", "linear", "cosine")
    validation_fraction: float = Field(gt=0, lt=1, description="a number between 0 and 1")
    device: Literal["auto", "cpu", "cuda", "mps"] = one_of("auto", "cpu", "cuda", "mps")
    threads: int = whole(1, 1024)


class PlotLatentParams(Section):
    points: int = whole(1, 70_000)


class GenerateParams(Section):
    grid: int = whole(1, 100)


class ClassifyParams(Section):
    C: float = positive()
    max_iter: int = whole(1, 1_000_000)


class Params(Section):
    dataset: Literal["mnist", "mnist_5k"] = one_of("mnist", "mnist_5k")
    latent_dim: int = whole(1, 65536)
    seed: int = whole(0, 2**32 - 1)
    model: ModelParams = Field(description="a section")
    train: TrainParams = Field(description="a section")
    plot_latent: PlotLatentParams = Field(description="a section")
    generate: GenerateParams = Field(description="a section")
    classify: ClassifyParams = Field(description="a section")


class Yaml12Loader(yaml.SafeLoader):
    """Scalars by YAML 1.2, so that 3e-05 is a number; what YAML's versions read in different ways
    (010, 1_000, yes) is text, and refused."""

    yaml_implicit_resolvers: ClassVar = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(problem=f"{key} twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
):
    Yaml12Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), first
    )


def load_params(path: Path = PARAMS) -> Params:
    """Read and validate all of `path`. Raises ParamsError, one line a fault."""
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Yaml12Loader)
    except OSError as error:
        raise ParamsError(f"{path}: cannot be read: {error.strerror}") from None
    except Exception as error:  # `!!bool maybe` is a KeyError, `!!timestamp x` an AttributeError
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or type(error).__name__
        raise ParamsError(f"{path}{where}: is not a YAML file: {why}") from None
    if not isinstance(tree, dict):
        allowed = ", ".join(Params.model_fields)
        raise ParamsError(f"{path}: must hold the keys {allowed}; it holds {shown(tree)}")
    try:
        params = Params.model_validate(tree)
    except ValidationError as error:
        faults = error.errors()
        # A misspelt key is also a missing one: name it once.
        unknown = [fault for fault in faults if fault["type"] == "extra_forbidden"]
        lines = [f"{path}: {explain(fault)}" for fault in unknown or faults]
        raise ParamsError("\n".join(lines)) from None
    try:
        check_sizes(params)
    except ParamsError as fault:
        raise ParamsError(f"{path}: {fault}") from None
    return params


def flat(params: Params, names: Sequence[str]) -> dict[str, Any]:
    """`names` and what is in them by dotted key, as JSON would give it back."""
    tree = params.model_dump(mode="json", include=set(names))
    found = {}
    for name in names:
        inner = tree[name] if isinstance(tree[name], dict) else {"": tree[name]}
        found |= {f"{name}.{key}".rstrip("."): value for key, value in inner.items()}
    return found


def held_out(images: int, fraction: float) -> int:
    """How many of the training images are for validation. Raises ParamsError if all or none."""
    count = round(images * fraction)
    if not 0 < count < images:
        raise ParamsError(
            f"train.validation_fraction is {fraction}: of {images} images it "
            f"holds out {count}; it must leave some on either side"
        )
    return count


def check_sizes(params: Params) -> None:
    """Raises ParamsError for values that are allowed each by itself, but cannot work together or
    on this machine."""
    images, _ = IMAGES[params.dataset]
    left = images - held_out(images, params.train.validation_fraction)
    if params.train.batch_size > left:
        raise ParamsError(
            f"train.batch_size is {params.train.batch_size}; of {params.dataset} {left} images are "
            "trained on, and a batch cannot have more"
        )
    needed, present = memory_needed(params), psutil.virtual_memory().total
    if needed > present:
        raise ParamsError(
            f"latent_dim is {params.latent_dim} and model.hidden_dims is "
            f"{list(params.model.hidden_dims)}; this takes at least {needed / 1e9:.1f} GB of "
            f"memory, and this machine has {present / 1e9:.1f} GB"
        )


def memory_needed(params: Params) -> int:
    """Bytes without which no stage can work: float32 weights, gradients and Adam's two moments, or
    z_mean and z_log_var of all images and the file that holds them."""
    widths = [28 * 28, *params.model.hidden_dims]
    hidden = sum(a * b for a, b in pairwise(widths))
    weights = 2 * hidden + 3 * widths[-1] * params.latent_dim
    return max(4 * 4 * weights, 4 * 4 * sum(IMAGES[params.dataset]) * params.latent_dim)


def explain(fault: dict[str, Any]) -> str:
    """One pydantic fault as `key is value; it must be what is allowed`."""
    parts = map(str, fault["loc"])
    section, key = Params, ".".join(p if p.isprintable() and p else repr(p) for p in parts)
    for part in fault["loc"]:
        field = section.model_fields.get(part)
        if field is None:
            close = difflib.get_close_matches(str(part), section.model_fields, n=1)
            hint = f"did you mean {close[0]}?" if close else "there is no such key"
            allowed = ", ".join(section.model_fields)
            return f"{key} is unknown: {hint} (value {shown(fault['input'])}; allowed: {allowed})"
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, Section)):
            break
        section = field.annotation
    if fault["type"] == "missing":
        return f"{key} is missing; it must be {field.description}"
    return f"{key} is {shown(fault['input'])}; it must be {field.description}"


def shown(value: Any) -> str:
    """`value` on one short line."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
