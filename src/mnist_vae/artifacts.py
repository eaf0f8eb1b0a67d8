"""Every file that passes between stages: its writer beside its reader.

Each file is written under a temporary name in its folder and renamed, and the same values give the
same bytes. Reading never unpickles.
"""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mnist_vae.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Images(NamedTuple):
    """uint8 images (N, 28, 28), 0 = background, and uint8 labels (N,), 0 to 9."""

    dataset: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


class Latents(NamedTuple):
    """q(z|x) of every image: float32 z_mean and z_log_var (N, latent_dim), uint8 labels (N,)."""

    dataset: str
    train_z_mean: np.ndarray
    train_z_log_var: np.ndarray
    train_labels: np.ndarray
    test_z_mean: np.ndarray
    test_z_log_var: np.ndarray
    test_labels: np.ndarray


def write_bytes(path: Path, content: bytes) -> None:
    """Write `path` whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def save_arrays(path: Path, arrays: NamedTuple) -> None:
    """Write Images or Latents as an uncompressed npz: reading is three times faster."""
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(value) for name, value in arrays._asdict().items()})
    write_bytes(path, buffer.getvalue())


def load_images(path: Path) -> Images:
    """Raises DataError if `path` does not hold Images."""
    return load_arrays(path, Images)


def load_latents(path: Path) -> Latents:
    """Raises DataError if `path` does not hold Latents."""
    return load_arrays(path, Latents)


def load_arrays(path: Path, kind: type) -> Any:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in kind._fields}
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except Exception as error:  # np.load documents no closed list of errors for a damaged file
        raise DataError(f"{path}: does not hold {kind.__name__.lower()}: {error}") from None
    arrays["dataset"] = str(arrays["dataset"])
    return kind(**arrays)


def save_model(path: Path, config: dict[str, Any], state_dict: dict[str, Any]) -> None:
    """Write the weights with `config`, the arguments of `build_vae` that decide their shapes."""
    import torch

    buffer = io.BytesIO()  # given a path, torch.save embeds the file's name
    state_dict = {name: tensor.cpu() for name, tensor in state_dict.items()}
    torch.save({"config": config, "state_dict": state_dict}, buffer)
    write_bytes(path, buffer.getvalue())


def load_model(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """(config, state_dict) as `save_model` wrote them. Raises DataError."""
    import torch

    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        return saved["config"], saved["state_dict"]
    except FileNotFoundError:
        raise DataError(f"{path}: is missing; `dvc repro` makes it") from None
    except Exception as error:  # torch.load documents no closed list either
        raise DataError(f"{path}: is not a model of this project: {error}") from None


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
