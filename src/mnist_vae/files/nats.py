"""data/test_nats.npz: the nats of each test image, to compare two runs in pairs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mnist_vae.errors import DataError
from mnist_vae.files import provenance
from mnist_vae.files.arrays import load_npz, save_npz
from mnist_vae.files.checks import expect_columns
from mnist_vae.params.schema import Params


class ImageNats(NamedTuple):
    """float32 nats (N,) of each test image, neg_elbo_nats = recon_nats + kl_nats, and its label.
    nll_nats estimates -log p(x); it is empty if the likelihood is grey, which is not one.

    `params` holds the parameters that the model was made with, by dotted key.
    """

    params: dict[str, Any]
    test_neg_elbo_nats: np.ndarray
    test_recon_nats: np.ndarray
    test_kl_nats: np.ndarray
    test_nll_nats: np.ndarray
    test_labels: np.ndarray


def save_nats(path: Path, params: Params, arrays: Sequence[np.ndarray]) -> None:
    """`arrays` in the order of the fields of ImageNats. Raises FileError."""
    save_npz(path, ImageNats(provenance.of_model(params), *arrays))


def load_nats(path: Path) -> ImageNats:
    """Whatever they were made with. Raises DataError if `path` does not hold nats; FileError."""
    rows = {f"{term}_nats": (np.float32, ()) for term in ("neg_elbo", "recon", "kl")}
    nats = load_npz(path, ImageNats, "a file of nats", {}, rows, splits=("test",))
    if len(nats.test_nll_nats):
        nll = {"nll_nats": (np.float32, ())}
        try:
            expect_columns(nats._asdict(), "test", nll)
        except DataError as error:
            raise DataError(f"{path}: {error}") from None
    return nats
