"""data/test_nats.npz: the negative ELBO of each test image, to compare two runs in pairs."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mnist_vae.files import provenance
from mnist_vae.files.npz import load_npz
from mnist_vae.params import Params


class ImageNats(NamedTuple):
    """float32 nats (N,) of each test image, neg_elbo_nats = recon_nats + kl_nats, and its label.

    `params` holds the parameters that the model was made with, by dotted key.
    """

    params: dict[str, Any]
    test_neg_elbo_nats: np.ndarray
    test_recon_nats: np.ndarray
    test_kl_nats: np.ndarray
    test_labels: np.ndarray


def load_nats(path: Path, params: Params) -> ImageNats:
    """Raises DataError if `path` does not hold the nats that `params` asks for; FileError."""
    rows = {f"{term}_nats": (np.float32, ()) for term in ("neg_elbo", "recon", "kl")}
    made_with = provenance.of_model(params)
    return load_npz(path, ImageNats, "a file of nats", made_with, rows, splits=("test",))
