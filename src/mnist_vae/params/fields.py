"""The building blocks of a section of params.yaml: strict fields, each with its description.

The description completes the sentence `key is value; it must be ...`.
"""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

Shape = tuple[int, int, int]  # of an image: channels, height, width


class Section(BaseModel):
    """Strict: no unknown keys, no conversion between types, no nan or inf."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def auto_or_count(value: object) -> object:
    if value == "auto" or (type(value) is int and 1 <= value <= 1024):
        return value
    raise ValueError("neither")


AutoOrCount = Annotated[
    int | str,
    PlainValidator(auto_or_count),  # a union would name one fault twice
    Field(description="auto, or an integer from 1 to 1024"),
]


def integer(low: int, high: int) -> Any:
    return Field(ge=low, le=high, description=f"an integer from {low} to {high}")


def positive_number(high: float) -> Any:
    return Field(gt=0, le=high, description=f"a number above 0, up to {high:,.0f}")


def number(low: float, high: float) -> Any:
    return Field(ge=low, le=high, description=f"a number from {low:g} to {high:g}")


def fraction() -> Any:
    return Field(gt=0, lt=1, description="a number between 0 and 1")


def one_of(*names: str) -> Any:
    pattern = "|".join(names)
    return Field(pattern=f"^({pattern})$", description="one of " + ", ".join(names))


def nonempty_list(of: str) -> Any:
    """For a field of type tuple; YAML has lists and no tuples."""
    return Field(strict=False, min_length=1, description=f"a list of one or more {of}")


def subsection(description: str = "a section") -> Any:
    return Field(description=description)
