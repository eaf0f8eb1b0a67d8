"""Black and white pixels, drawn with the grey level as their probability."""

import numpy as np
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
