"""plots/kl.csv: the KL of each dimension of z, over the test images."""

from pathlib import Path

import numpy as np

from mnist_vae.errors import DataError
from mnist_vae.files.checks import REMAKE
from mnist_vae.files.tables import load_csv, save_csv


def save_kl(path: Path, kl: np.ndarray) -> None:
    """`kl` (latent_dim,) in nats per image, as rows, the largest first. Raises FileError."""
    order = np.argsort(-kl, kind="stable").tolist()
    rows = ((rank + 1, dim + 1, float(kl[dim])) for rank, dim in enumerate(order))
    save_csv(path, ("rank", "dimension", "kl_nats"), rows)


def load_kl(path: Path, latent_dim: int) -> np.ndarray:
    """(latent_dim,), z_1 first. Raises DataError and FileError."""
    columns = load_csv(path)
    if sorted(columns.get("dimension", [])) != list(range(1, latent_dim + 1)):
        raise DataError(f"{path}: is not the KL of {latent_dim} dimensions; {REMAKE}")
    order = np.argsort(columns["dimension"])
    return np.array(columns["kl_nats"])[order]
