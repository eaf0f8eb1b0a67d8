"""Black and white pixels, drawn with the grey level as their probability."""

import numpy as np
from scipy import stats

from mnist_vae import random_streams
from mnist_vae.likelihoods import binarised


def test_pixels_are_0_or_255_and_certain_ones_stay() -> None:
    images = np.tile(np.array([0, 255], np.uint8), (100, 28, 14))
    assert np.array_equal(binarised.observe(images, random_streams.test_pixels()), images)
    grey = np.full((100, 28, 28), 128, np.uint8)
    white = binarised.observe(grey, random_streams.test_pixels()).ravel() == 255
    assert abs(np.corrcoef(white[1:], white[:-1])[0, 1]) < 0.015, "neighbours are independent"


def test_the_probability_of_white_is_the_grey_level() -> None:
    """For each level, the number of white pixels is binomial with p = level / 255."""
    count = 20_000
    levels = np.repeat(np.arange(256, dtype=np.uint8), count)
    white = binarised.observe(levels, random_streams.test_pixels()).reshape(256, count) == 255
    tests = [stats.binomtest(int(k), count, p / 255) for p, k in enumerate(white.sum(axis=1))]
    pvalues = np.array([test.pvalue for test in tests])[1:-1]
    assert pvalues.min() > 1e-4 / len(pvalues)
    assert stats.kstest(pvalues, "uniform").pvalue > 1e-3
