"""models/vae.pt: the weights, with the parameters that they were trained with."""

import io
from pathlib import Path
from typing import Any

import torch

from mnist_vae.files import provenance
from mnist_vae.files.checks import expect_params
from mnist_vae.files.io import write_bytes
from mnist_vae.files.zip_archive import read_zip
from mnist_vae.params.schema import Params


def save_weights(path: Path, params: Params, state_dict: dict[str, Any]) -> None:
    """Raises FileError."""
    buffer = io.BytesIO()  # given a path, torch.save embeds the file's name
    state_dict = {name: tensor.cpu().contiguous() for name, tensor in state_dict.items()}
    torch.save({"params": provenance.of_model(params), "state_dict": state_dict}, buffer)
    write_bytes(path, buffer.getvalue())


def load_weights(path: Path, params: Params) -> dict[str, Any]:
    """A state_dict that was trained with the model's parameters of `params`. Raises DataError and
    FileError."""

    def parse(file: io.BytesIO) -> dict[str, Any]:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        expect_params(saved["params"], provenance.of_model(params))
        return saved["state_dict"]

    return read_zip(path, "a model of this project", parse)
