"""data/latents.npz: q(z|x) of every image."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mnist_vae.files import provenance
from mnist_vae.files.arrays import load_npz, save_npz
from mnist_vae.params.schema import Params


class Latents(NamedTuple):
    """float32 z_mean and z_log_var (N, latent_dim), and labels (N,).

    `params` holds the parameters that the model was made with, by dotted key.
    """

    params: dict[str, Any]
    train_z_mean: np.ndarray
    train_z_log_var: np.ndarray
    train_labels: np.ndarray
    test_z_mean: np.ndarray
    test_z_log_var: np.ndarray
    test_labels: np.ndarray


def save_latents(path: Path, params: Params, arrays: Sequence[np.ndarray]) -> None:
    """`arrays` in the order of the fields of Latents. Raises FileError."""
    save_npz(path, Latents(provenance.of_model(params), *arrays))


def load_latents(path: Path, params: Params) -> Latents:
    """Raises DataError if `path` does not hold the latents that `params` asks for; FileError."""
    row = np.float32, (params.latent_dim,)
    rows = {"z_mean": row, "z_log_var": row}
    return load_npz(path, Latents, "a file of latents", provenance.of_model(params), rows)


def read_latents(path: Path) -> Latents:
    """Whatever they were made with. Raises DataError and FileError."""
    rows = {"z_mean": (np.float32, None), "z_log_var": (np.float32, None)}
    return load_npz(path, Latents, "a file of latents", {}, rows)
