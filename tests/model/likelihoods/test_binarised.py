"""Black and white pixels, drawn with the grey level as their probability."""

import numpy as np
import pytest
from scipy import stats

from mnist_vae import draws
from mnist_vae.model.likelihoods import binarised


def test_pixels_are_0_or_255_and_certain_ones_stay() -> None:
    images = np.tile(np.array([0, 255], np.uint8), (100, 28, 14))
    assert np.array_equal(binarised.observe(images, draws.test_pixels()), images)
    grey = np.full((100, 28, 28), 128, np.uint8)
    assert set(np.unique(binarised.observe(grey, draws.test_pixels()))) == {0, 255}


def test_the_probability_of_white_is_the_grey_level() -> None:
    """For each level, the number of white pixels is binomial with p = level / 255."""
    count = 20_000
    levels = np.repeat(np.arange(256, dtype=np.uint8), count)
    white = binarised.observe(levels, draws.test_pixels()).reshape(256, count) == 255
    tests = [stats.binomtest(int(k), count, p / 255) for p, k in enumerate(white.sum(axis=1))]
    pvalues = np.array([test.pvalue for test in tests])[1:-1]
    assert pvalues.min() > 1e-4 / len(pvalues)
    assert stats.kstest(pvalues, "uniform").pvalue > 1e-3


def test_neighbouring_pixels_are_drawn_independently() -> None:
    grey = np.full((1, 100_000), 128, np.uint8)
    white = (binarised.observe(grey, draws.test_pixels())[0] == 255).astype(float)
    assert abs(np.corrcoef(white[1:], white[:-1])[0, 1]) < 0.015


@pytest.mark.parametrize("count", [0, 1, 7, 8, 784, 100_003, 5_000_000])
def test_the_integers_are_those_that_numpy_draws(count) -> None:
    ours = binarised.integers_to_255(count, draws.training_pixels(0, 1))
    theirs = draws.training_pixels(0, 1).integers(255, size=count, dtype=np.uint8)
    assert np.array_equal(ours - 1, theirs)


def test_more_zeros_than_expected_are_made_up_for() -> None:
    class Zeros(np.random.PCG64):
        """Half of its first raw draws are 0."""

        calls = 0

        def random_raw(self, size=None, output=True):
            self.calls += 1
            raw = np.atleast_1d(super().random_raw(size))
            raw[: len(raw) // 2 if self.calls == 1 else 0] = 0
            return raw

    zeros = Zeros(0)
    drawn = binarised.integers_to_255(1000, np.random.Generator(zeros))
    assert zeros.calls == 2
    assert len(drawn) == 1000
    assert drawn.min() > 0
