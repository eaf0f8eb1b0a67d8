"""data/images.npz: the images and labels of both splits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mnist_vae.files import provenance
from mnist_vae.files.arrays import load_npz, save_npz
from mnist_vae.params.datasets import Sizes
from mnist_vae.params.schema import Params


class Images(NamedTuple):
    """uint8 images (N, H, W) or (N, H, W, 3), and labels (N,) from 0, uint8 or, of more than 256
    classes, uint16.

    `params` holds the parameters that they were made with, by dotted key.
    """

    params: dict[str, Any]
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    @property
    def sizes(self) -> Sizes:
        height, width, *colours = self.train_images.shape[1:]
        shape = (*colours, 1)[0], height, width
        return Sizes(len(self.train_images), len(self.test_images), shape)


def save_images(path: Path, params: Params, arrays: Sequence[np.ndarray]) -> None:
    """`arrays` in the order of the fields of Images. Raises FileError."""
    save_npz(path, Images(provenance.of_images(params), *arrays))


def load_images(path: Path, params: Params) -> Images:
    """Raises DataError if `path` does not hold the images that `params` asks for; FileError."""
    rows = {"images": (np.uint8, None)}
    return load_npz(path, Images, "a file of images", provenance.of_images(params), rows)
