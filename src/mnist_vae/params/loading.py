"""params.yaml, read and validated as a whole. No other module opens it."""

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from mnist_vae.errors import ParamsError, abbreviate
from mnist_vae.params.fields import Section
from mnist_vae.params.schema import Params, schema
from mnist_vae.params.sizes import check_sizes
from mnist_vae.params.strict_yaml import StrictLoader

PARAMS = Path("params.yaml")
MAX_FAULTS = 20  # named, each on its line


def load_params(path: Path = PARAMS) -> Params:
    """Read and validate all of `path`. Raises ParamsError with one line per fault."""
    tree = load_tree(path)
    if not isinstance(tree, dict):
        allowed = ", ".join(Params.model_fields)
        raise ParamsError(f"{path}: must hold the keys {allowed}; it holds {abbreviate(tree)}")
    model = tree.get("model")
    kind = schema(str(model.get("network")) if isinstance(model, dict) else "")
    try:
        params = kind.model_validate(tree)
    except ValidationError as error:
        faults = error.errors()
        # A misspelt key is also a missing one: name it once.
        faults = [fault for fault in faults if fault["type"] == "extra_forbidden"] or faults
        lines = [f"{path}: {describe(fault, kind)}" for fault in faults[:MAX_FAULTS]]
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
        return load_text(path.read_bytes().decode(), path)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ParamsError(f"{path}: cannot be read: {reason}") from None


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
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, Section)):
            break
        section = field.annotation
    if fault["type"] == "missing":
        return f"{key} is missing; it must be {field.description}"
    return f"{key} is {abbreviate(fault['input'])}; it must be {field.description}"
