"""models/vae.pt: the weights, with the parameters that they were trained with."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mnist_vae.errors import DataError
from mnist_vae.files import provenance
from mnist_vae.files.checks import REMAKE, expect_params
from mnist_vae.files.outs import write_out
from mnist_vae.files.zip_archive import read_zip
from mnist_vae.params import Params


def save_weights(path: Path, params: Params, state_dict: dict[str, Any]) -> None:
    """Raises FileError."""
    buffer = io.BytesIO()  # given a path, torch.save embeds the file's name
    state_dict = {name: tensor.cpu().contiguous() for name, tensor in state_dict.items()}
    torch.save({"params": provenance.of_model(params), "state_dict": state_dict}, buffer)
    write_out(path, buffer.getvalue())


def load_weights(path: Path, params: Params, wanted: Mapping[str, Tensor]) -> dict[str, Any]:
    """A state_dict with the names, types and shapes of `wanted`, made with the model's parameters
    of `params`. Raises DataError and FileError."""

    def parse(file: io.BytesIO) -> dict[str, Any]:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        expect_params(saved["params"], provenance.of_model(params))
        expect_tensors(saved["state_dict"], wanted)
        for name, tensor in saved["state_dict"].items():
            if not tensor.isfinite().all():
                raise DataError(f"{name} holds nan or inf; {REMAKE}")
        return saved["state_dict"]

    return read_zip(path, "a model of this project", parse)


def expect_tensors(found: Mapping[str, Any], wanted: Mapping[str, Tensor]) -> None:
    """Raises DataError unless both hold tensors of the same names, types and shapes."""
    if odd := sorted(found.keys() ^ wanted.keys()):
        which = "is missing" if odd[0] in wanted else "is not of this network"
        raise DataError(f"{odd[0]} {which}; {REMAKE}")
    for name, tensor in wanted.items():
        here, there = describe(found[name]), describe(tensor)
        if here != there:
            raise DataError(f"{name} is {here} instead of {there}; {REMAKE}")
        if not found[name].is_contiguous():  # a few bytes may claim to be a large tensor
            raise DataError(f"{name} is not contiguous; {REMAKE}")


def describe(value: Any) -> str:
    """`float32 (256, 784)`"""
    if not isinstance(value, Tensor) or value.layout != torch.strided:
        return "no dense tensor"
    return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
