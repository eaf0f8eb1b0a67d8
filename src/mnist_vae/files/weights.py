"""models/vae.pt: the weights, with all that is needed to use them."""

import io
from pathlib import Path
from typing import Any, NamedTuple

import torch

from mnist_vae.files import provenance
from mnist_vae.files.checks import expect_params
from mnist_vae.files.io import write_bytes
from mnist_vae.files.zip_archive import read_zip
from mnist_vae.params.fields import Shape
from mnist_vae.params.schema import Params


class Weights(NamedTuple):
    """`params` holds the parameters that they were trained with, by dotted key. The images have the
    `shape` (channels, height, width); `brightness` is the mean of their values in [0, 1]."""

    params: dict[str, Any]
    shape: Shape
    brightness: float
    state_dict: dict[str, Any]


def save_weights(
    path: Path, params: Params, shape: Shape, brightness: float, state_dict: dict[str, Any]
) -> None:
    """Raises FileError."""
    buffer = io.BytesIO()  # given a path, torch.save embeds the file's name
    state_dict = {name: tensor.cpu().contiguous() for name, tensor in state_dict.items()}
    weights = Weights(provenance.of_model(params), shape, brightness, state_dict)
    torch.save(weights._asdict(), buffer)
    write_bytes(path, buffer.getvalue())


def load_weights(path: Path, params: Params | None = None) -> Weights:
    """Those that were trained with the model's parameters of `params`, or whatever they were
    trained with. Raises DataError and FileError."""

    def parse(file: io.BytesIO) -> Weights:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        expect_params(saved["params"], provenance.of_model(params) if params else {})
        return Weights(**saved)

    return read_zip(path, "a model of this project", parse)
