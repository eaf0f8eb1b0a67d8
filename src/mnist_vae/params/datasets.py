"""The folders that `dataset` names, and what dataset.yaml in one of them may say.

datasets/cats/ is what `dataset: cats` means. No list of names is kept anywhere.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from mnist_vae.params.fields import Section, Shape

FOLDER = Path(__file__).resolve().parents[3] / "datasets"
DESCRIPTION = "dataset.yaml"
NAME = re.compile(r"\w[\w-]*")  # as a path, in a flag and in DVC's templates
MIN_SIDE, MAX_SIDE = 4, 64  # pixels
MIN_CLASSES, MAX_CLASSES = 2, 1000

Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]
Name = Annotated[str, Field(pattern=r"\S", strict=True)]


class IdxFiles(Section):
    """The files' MD5s by name, training images and labels before those for testing, and the class
    of torchvision.datasets that knows mirrors of them."""

    torchvision: str = Field(description="the name of a class in torchvision.datasets")
    files: dict[str, str] = Field(
        min_length=4, max_length=4, description="four names of files, each with its MD5"
    )


class Description(Section):
    """Everything is optional; what is missing follows from the images."""

    title: str | None = Field(
        default=None, pattern=r"\S", max_length=60, description="a text of at most 60 letters"
    )
    class_noun: str | None = Field(
        default=None, pattern=r"\S", max_length=30, description="a text of at most 30 letters"
    )
    class_names: tuple[Name, ...] | None = Field(
        default=None,
        strict=False,
        min_length=MIN_CLASSES,
        max_length=MAX_CLASSES,
        description=f"a list of {MIN_CLASSES} to {MAX_CLASSES:,} texts; numbers stand in quotes",
    )
    size: tuple[Side, Side] | None = Field(
        default=None,
        strict=False,
        description=f"[height, width], each an integer from {MIN_SIDE} to {MAX_SIDE}",
    )
    channels: Literal[1, 3] | None = Field(default=None, description="1 or 3")
    test_fraction: float | None = Field(
        default=None, gt=0, lt=1, description="a number between 0 and 1"
    )
    images: tuple[Count, Count] | None = Field(
        default=None, strict=False, description="[training images, test images]"
    )
    drawable: bool = Field(default=False, description="true or false")
    idx: IdxFiles | None = Field(default=None, description="a section")
    bundled: Literal["mnist_5k", "digits_8x8"] | None = Field(
        default=None, description="mnist_5k or digits_8x8"
    )


class Sizes(NamedTuple):
    """How many images there are; `shape` is (channels, height, width)."""

    train_images: int
    test_images: int
    shape: Shape


def names() -> list[str]:
    """The values that `dataset` may have, sorted."""
    if not FOLDER.is_dir():
        return []
    return sorted(p.name for p in FOLDER.iterdir() if p.is_dir() and NAME.fullmatch(p.name))


def untracked(name: str) -> str:
    """What to do about a folder that a clone does not have."""
    return (
        f"datasets/{name}: neither Git nor DVC tracks it, and queued runs and sweeps see only what "
        f"one of them does: `dvc add datasets/{name}`, `git add datasets/{name}.dvc` and commit"
    )
