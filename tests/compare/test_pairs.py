"""The paired difference of two runs."""

import numpy as np
import pytest
from files.examples import LABELS
from scipy import stats

from mnist_vae.compare.pairs import compare
from mnist_vae.errors import DataError
from mnist_vae.files.nats import ImageNats

GREY = {"dataset": "mnist", "model.likelihood": "grey"}
BINARISED = GREY | {"model.likelihood": "binarised"}


def run_of(params: dict[str, str], seed: int, nll: bool = False) -> ImageNats:
    easy = np.linspace(50, 150, 20)  # what both runs have in common: the image
    recon = (easy + np.random.default_rng(seed).normal(seed, 0.1, 20)).astype(np.float32)
    kl = np.full(20, 5, np.float32)
    estimated = recon if nll else recon[:0]
    return ImageNats(params, recon + kl, recon, kl, estimated, LABELS)


def test_the_difference_is_that_of_a_paired_t_test() -> None:
    a, b = run_of(GREY, 0), run_of(GREY, 1)
    found = {row.term: row for row in compare(a, b)}
    theirs = stats.ttest_rel(b.test_recon_nats, a.test_recon_nats)
    recon = found["recon_nats"]
    assert recon.mean / recon.stderr == pytest.approx(theirs.statistic, rel=1e-4)
    assert recon.stderr < 0.1
    assert found["kl_nats"].mean == 0
    assert "nll_nats" not in found


def test_the_likelihood_comes_first_if_both_have_it() -> None:
    a, b = (run_of(BINARISED, seed, nll=True) for seed in (0, 1))
    assert compare(a, b)[0].term == "nll_nats"
    assert compare(a, run_of(BINARISED, 1))[0].term == "neg_elbo_nats"


def test_runs_on_other_pixels_are_refused() -> None:
    message = "model.likelihood is grey and binarised: not the same pixels"
    with pytest.raises(DataError, match=message):
        compare(run_of(GREY, 0), run_of(BINARISED, 0))
