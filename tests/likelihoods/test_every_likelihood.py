"""Each file of likelihoods/ keeps what its __init__.py promises."""

import numpy as np
import pytest
import torch

from mnist_vae import random_streams
from mnist_vae.params.plugins import LIKELIHOODS, load_plugin, names_in

each_likelihood = pytest.mark.parametrize("name", names_in(LIKELIHOODS))


def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (50, 28, 28), dtype=np.uint8)


@each_likelihood
def test_recon_nats_is_least_where_the_mean_is_the_pixel(name) -> None:
    """Of pixels that are the mean of p(x|z), no other logits are likelier."""
    likelihood = load_plugin(LIKELIHOODS, name)
    x_logits = torch.linspace(-5, 5, 784)[None]
    x = likelihood.x_mean(x_logits)
    best = likelihood.recon_nats(x_logits, x)
    assert best.shape == (1,)
    assert best.isfinite().all()
    assert ((x >= 0) & (x <= 1)).all()
    for shift in (-0.5, 0.5):
        assert (likelihood.recon_nats(x_logits + shift, x) > best).all()


@each_likelihood
def test_observed_images_are_uint8_and_drawn_only_if_it_says_so(name) -> None:
    likelihood, given = load_plugin(LIKELIHOODS, name), images()
    first, same, other = (
        likelihood.observe(given, random_streams.training_pixels(0, epoch)) for epoch in (1, 1, 2)
    )
    assert first.dtype == np.uint8
    assert first.shape == given.shape
    assert np.array_equal(first, same)
    assert np.array_equal(first, other) == (not likelihood.DRAWS_PIXELS)
    assert np.array_equal(given, images()), "the images themselves are left alone"


@each_likelihood
def test_recon_nats_is_linear_in_the_pixels_if_it_says_so(name) -> None:
    likelihood, rng = load_plugin(LIKELIHOODS, name), torch.Generator().manual_seed(0)
    x_logits = 4 * torch.randn(20, 784, generator=rng, dtype=torch.float64)
    x = torch.randint(2, (20, 784), generator=rng).double()
    linear = likelihood.recon_nats(x_logits, torch.zeros_like(x)) - (x_logits * x).sum(dim=1)
    found = torch.allclose(likelihood.recon_nats(x_logits, x), linear, rtol=1e-9)
    assert found == likelihood.IS_LINEAR
