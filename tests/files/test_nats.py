"""data/test_nats.npz."""

import numpy as np
import pytest
from files.examples import LABELS

from mnist_vae.errors import DataError
from mnist_vae.files import provenance
from mnist_vae.files.nats import ImageNats, load_nats
from mnist_vae.files.npz import save_npz


def some_nats(params) -> ImageNats:
    recon, kl = np.arange(20, dtype=np.float32), np.ones(20, np.float32)
    return ImageNats(provenance.of_model(params), recon + kl, recon, kl, recon / 2, LABELS)


def test_nats_come_back_as_they_were_and_numpy_reads_them(folder, params) -> None:
    save_npz(folder / "n.npz", some_nats(params))
    before, after = some_nats(params), load_nats(folder / "n.npz")
    assert after.params == before.params
    assert all(np.array_equal(a, b) for a, b in zip(before[1:], after[1:], strict=True))
    with np.load(folder / "n.npz") as plain:
        assert plain["test_neg_elbo_nats"].sum() == 210


def test_nats_of_no_likelihood_have_no_nll(folder, params) -> None:
    without = some_nats(params)._replace(test_nll_nats=np.zeros(0, np.float32))
    save_npz(folder / "n.npz", without)
    assert load_nats(folder / "n.npz").test_nll_nats.shape == (0,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test_kl_nats": np.full(20, np.nan, np.float32)}, "test_kl_nats holds nan or inf"),
        ({"test_recon_nats": np.zeros(20)}, r"test_recon_nats is float64 \(20,\) instead of"),
        ({"test_nll_nats": np.zeros(19, np.float32)}, r"test_nll_nats is float32 \(19,\) instead"),
        ({"params": 3}, "does not say which parameters"),
    ],
)
def test_nats_that_cannot_be_are_refused(folder, params, change, message) -> None:
    save_npz(folder / "n.npz", some_nats(params)._replace(**change))
    with pytest.raises(DataError, match=rf"n\.npz: .*{message}"):
        load_nats(folder / "n.npz")
