"""Every file that passes between stages: its writer beside its reader.

Each file is written under a temporary name in its folder and renamed, and the same values give the
same bytes. Reading never unpickles.
"""

import contextlib
import csv
import glob
import io
import json
import math
import os
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from mnist_vae.errors import DataError, FileError, brief
from mnist_vae.params import OF_IMAGES, OF_MODEL, Params, flat

if TYPE_CHECKING:
    from matplotlib.figure import Figure

T = TypeVar("T")
ABANDONED = 600  # seconds after which a temporary file's writer must be dead
AGAIN = "`dvc repro` makes it anew"


class Images(NamedTuple):
    """uint8 images (N, 28, 28), 0 = background, and uint8 labels (N,), 0 to 9.

    `params` holds what they were made with, by key of params.yaml.
    """

    params: dict[str, Any]
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


class Latents(NamedTuple):
    """q(z|x) of every image: float32 z_mean and z_log_var (N, latent_dim), uint8 labels (N,).

    `params` holds what the model was made with, by key of params.yaml.
    """

    params: dict[str, Any]
    train_z_mean: np.ndarray
    train_z_log_var: np.ndarray
    train_labels: np.ndarray
    test_z_mean: np.ndarray
    test_z_log_var: np.ndarray
    test_labels: np.ndarray


def write_bytes(path: Path, content: bytes, sync: bool = True) -> None:
    """Write `path` whole or not at all; with `sync`, also if the power is cut. Raises FileError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                if sync:
                    os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {error.strerror}") from None


def remove_abandoned(path: Path) -> None:
    """Delete the temporary files of writers of `path` that were killed."""
    for temporary in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - temporary.stat().st_mtime > ABANDONED:
                temporary.unlink()


def read(path: Path, what: str, parse: Callable[[io.BytesIO], T]) -> T:
    """`parse` the zip file at `path`, whose checksums are right. Raises DataError and FileError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            if sum(member.file_size for member in members.infolist()) > len(content):
                raise ValueError("it is compressed")  # a few bytes could unpack to terabytes
            if damaged := members.testzip():
                raise ValueError(f"its part {damaged} is damaged")
        return parse(io.BytesIO(content))
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except MemoryError:
        raise
    except Exception as error:  # neither numpy nor torch documents a closed list
        raise DataError(f"{path}: is not {what}: {brief(error)}; {AGAIN}") from None


def expect_params(found: Any, params: Params, names: Sequence[str]) -> None:
    """Raises DataError if a file was made with other values of `names` than `params` holds.

    Through DVC this cannot happen: each of them is in the params of a stage further up.
    """
    if not isinstance(found, dict):
        raise DataError(f"does not say which parameters it was made with; {AGAIN}")
    wanted = flat(params, names)
    if wrong := [key for key in wanted if found.get(key) != wanted[key]]:
        there = ", ".join(f"{key} {found.get(key)!r}" for key in wrong)
        here = ", ".join(f"{wanted[key]!r}" for key in wrong)
        raise DataError(f"was made with {there}; params.yaml says {here}; {AGAIN}")


def save_arrays(path: Path, values: NamedTuple) -> None:
    """Write Images or Latents as an uncompressed npz: reading is three times faster."""
    buffer = io.BytesIO()
    fields = values._asdict()
    fields["params"] = json.dumps(fields["params"])
    np.savez(buffer, **{name: np.asarray(value) for name, value in fields.items()})
    write_bytes(path, buffer.getvalue())


def load_images(path: Path, params: Params) -> Images:
    """Raises DataError if `path` does not hold the images that `params` asks for; FileError."""
    columns = {"images": (np.uint8, (28, 28))}
    return read(path, "a file of images", lambda f: arrays(f, Images, params, OF_IMAGES, columns))


def load_latents(path: Path, params: Params) -> Latents:
    """Raises DataError if `path` does not hold the latents that `params` asks for; FileError."""
    columns = dict.fromkeys(("z_mean", "z_log_var"), (np.float32, (params.latent_dim,)))
    return read(path, "a file of latents", lambda f: arrays(f, Latents, params, OF_MODEL, columns))


def arrays(
    file: io.BytesIO, kind: type[T], params: Params, names: Sequence[str], columns: dict
) -> T:
    """Images or Latents, made with `params`; `columns` gives the dtype and the shape of a row.

    Raises DataError and whatever numpy raises.
    """
    with np.load(file, allow_pickle=False) as opened:
        for name in kind._fields:
            expect_size(opened.zip, name)
        fields = {name: opened[name] for name in kind._fields}
    fields["params"] = json.loads(str(fields["params"]))
    expect_params(fields["params"], params, names)
    for split in ("train", "test"):
        count = len(fields[f"{split}_labels"])
        for column, (dtype, row) in (columns | {"labels": (np.uint8, ())}).items():
            name, array = f"{split}_{column}", fields[f"{split}_{column}"]
            if array.dtype != dtype or array.shape != (count, *row):
                found, wanted = f"{array.dtype} {array.shape}", f"{np.dtype(dtype)} {(count, *row)}"
                raise DataError(f"{name} is {found} instead of {wanted}; {AGAIN}")
            if not np.isfinite(array).all():
                raise DataError(f"{name} holds nan or inf; {AGAIN}")
        counts = np.bincount(fields[f"{split}_labels"], minlength=10)
        if len(counts) > 10 or counts.min() < 2:
            raise DataError(f"{split}_labels: must be 0 to 9, each at least twice; {AGAIN}")
    return kind(**fields)


def expect_size(members: zipfile.ZipFile, name: str) -> None:
    """Raises DataError if the header of array `name` promises more than the file holds."""
    info = members.getinfo(f"{name}.npy")
    with members.open(info) as part:
        if np.lib.format.read_magic(part) != (1, 0):
            raise DataError(f"{name} is not of npy's version 1.0; {AGAIN}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(part)
    if math.prod(shape) * dtype.itemsize > info.file_size:
        raise DataError(f"{name} promises more than the file holds; {AGAIN}")


def save_model(path: Path, params: Params, state_dict: dict[str, Any]) -> None:
    """Write the weights with the parameters that they were trained with."""
    import torch

    buffer = io.BytesIO()  # given a path, torch.save embeds the file's name
    state_dict = {name: tensor.cpu() for name, tensor in state_dict.items()}
    torch.save({"params": flat(params, OF_MODEL), "state_dict": state_dict}, buffer)
    write_bytes(path, buffer.getvalue())


def load_model(path: Path, params: Params) -> dict[str, Any]:
    """The state_dict of the model that `params` asks for. Raises DataError and FileError."""
    import torch

    def parse(file: io.BytesIO) -> dict[str, Any]:
        saved = torch.load(file, map_location="cpu", weights_only=True)
        expect_params(saved["params"], params, OF_MODEL)
        for name, tensor in saved["state_dict"].items():
            if tensor.dtype != torch.float32 or not tensor.is_contiguous():
                raise DataError(f"{name} is not a float32 array; {AGAIN}")
            if not tensor.isfinite().all():
                raise DataError(f"{name} holds nan or inf; {AGAIN}")
        return saved["state_dict"]

    return read(path, "a model of this project", parse)


def save_metrics(path: Path, metrics: dict[str, Any]) -> None:
    write_bytes(path, (json.dumps(metrics, indent=2) + "\n").encode())


def load_metrics(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def save_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_bytes(path, text.getvalue().encode())


def load_csv(path: Path) -> list[dict[str, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def save_figure(path: Path, figure: "Figure") -> None:
    """Write a PNG of 150 dots an inch; without the Software tag, which names the version."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    write_bytes(path, buffer.getvalue())
