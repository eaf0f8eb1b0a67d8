"""params.yaml and dataset.yaml, read and validated as a whole. No other module opens them."""

import difflib
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import ValidationError

from mnist_vae.errors import ParamsError, abbreviate
from mnist_vae.params.datasets import DESCRIPTION, FOLDER, Description, Sizes
from mnist_vae.params.fields import Section
from mnist_vae.params.schema import Params, schema
from mnist_vae.params.sizes import check_objective, check_sizes
from mnist_vae.params.strict_yaml import StrictLoader

PARAMS = Path("params.yaml")
T = TypeVar("T", bound=Section)
MAX_FAULTS = 20  # named, each on its line


def load_params(path: Path = PARAMS) -> Params:
    """Read and validate all of `path`. Raises ParamsError with one line per fault."""
    tree = load_tree(path)
    if not isinstance(tree, dict):
        allowed = ", ".join(Params.model_fields)
        raise ParamsError(f"{path}: must hold the keys {allowed}; it holds {abbreviate(tree)}")
    model = tree.get("model")
    kind = schema(str(model.get("network")) if isinstance(model, dict) else "")
    params = validated(tree, kind, path)
    sizes = declared_sizes(params.dataset)
    try:
        check_sizes(params, sizes) if sizes else check_objective(params.objective, params.train)
    except ParamsError as fault:
        raise ParamsError(f"{path}: {fault}") from None
    return params


def load_description(name: str) -> Description:
    """What dataset.yaml in datasets/NAME says; nothing if there is none. Raises ParamsError."""
    path = FOLDER / name / DESCRIPTION
    if not path.is_symlink() and not path.is_file():
        return Description()
    shown = Path(FOLDER.name) / name / DESCRIPTION
    tree = load_text(read(path, shown), shown)
    if not isinstance(tree, dict):
        raise ParamsError(f"{shown}: must hold keys, among {', '.join(Description.model_fields)}")
    return validated(tree, Description, shown)


def declared_sizes(name: str) -> Sizes | None:
    """Those that dataset.yaml states, before any image is read."""
    stated = load_description(name)
    if stated.images and stated.size and stated.channels:
        return Sizes(*stated.images, (stated.channels, *stated.size))
    return None


def validated(tree: dict, kind: type[T], path: Path) -> T:
    """`tree` as a section of that kind. Raises ParamsError with one line per fault in `path`."""
    try:
        return kind.model_validate(tree)
    except ValidationError as error:
        faults = error.errors()
        # A misspelt key is also a missing one: name it once.
        faults = [fault for fault in faults if fault["type"] == "extra_forbidden"] or faults
        lines = [f"{path}: {describe(fault, kind)}" for fault in faults[:MAX_FAULTS]]
        if unnamed := len(faults) - len(lines):
            lines.append(f"{path}: and {unnamed} more faults")
        raise ParamsError("\n".join(lines)) from None


def load_tree(path: Path) -> Any:
    """What the YAML of `path` stands for, unvalidated. Raises ParamsError."""
    return load_text(read(path, path), path)


def read(path: Path, shown: Path) -> str:
    """The text of `path`, which messages call `shown`. Raises ParamsError."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ParamsError(f"{shown}: cannot be read: {reason}") from None


def load_text(text: str, path: Path = PARAMS) -> Any:
    """The same of the content of `path`. Raises ParamsError."""
    try:
        return yaml.load(text, StrictLoader)
    except Exception as error:  # `!!bool maybe` is a KeyError, `!!timestamp x` an AttributeError
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or type(error).__name__
        raise ParamsError(f"{path}{where}: is not a YAML file: {why}") from None


def describe(fault: Any, section: type[Section]) -> str:
    """One of pydantic's faults in `section` as `key is value; it must be what is allowed`."""
    parts = map(str, fault["loc"])
    key = ".".join(p if p.isprintable() and p else repr(p) for p in parts)
    for part in fault["loc"]:
        field = section.model_fields.get(part)
        if field is None:
            close = difflib.get_close_matches(str(part), section.model_fields, n=1)
            hint = f"did you mean {close[0]}?" if close else "there is no such key"
            allowed = ", ".join(section.model_fields)
            value = abbreviate(fault["input"])
            return f"{key} is unknown: {hint} (value {value}; allowed: {allowed})"
        kinds = (field.annotation, *get_args(field.annotation))  # of `IdxFiles | None`, too
        inner = [k for k in kinds if isinstance(k, type) and issubclass(k, Section)]
        if not inner:
            break
        section = inner[0]
    if fault["type"] == "missing":
        return f"{key} is missing; it must be {field.description}"
    return f"{key} is {abbreviate(fault['input'])}; it must be {field.description}"
