"""The ELBO by hand on planted weights, and what batches and samples do to its estimate."""

import math

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE, mlp_vae
from torch import nn

from mnist_vae.model import batches
from mnist_vae.model.elbo import elbo_terms, mean_nats, stderr_nats
from mnist_vae.model.vae import VAE


def images(count: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 28, 28), dtype=np.uint8)


def constant_vae(z_mean: float, z_log_var: float, decoder_weight: float) -> VAE:
    """q(z|x) is the same for every x, and each logit is decoder_weight * z."""
    encoder, decoder = nn.Linear(784, 2), nn.Linear(1, 784, bias=False)
    with torch.no_grad():
        encoder.weight.zero_()
        encoder.bias.copy_(torch.tensor([z_mean, z_log_var]))
        decoder.weight.fill_(decoder_weight)
    return VAE(encoder, decoder, latent_dim=1, shape=MNIST_SHAPE)


def test_the_elbo_of_planted_weights_is_that_by_hand() -> None:
    vae = constant_vae(z_mean=2.0, z_log_var=math.log(0.25), decoder_weight=0.5)
    white = np.full((3, 28, 28), 255, dtype=np.uint8)
    terms = elbo_terms(vae, white, np.random.default_rng(4), samples=2)
    streams = np.random.default_rng(4).spawn(2)
    eps = np.stack([rng.standard_normal((3, 1), dtype=np.float32).astype(float) for rng in streams])
    logits = 0.5 * (2.0 + 0.5 * eps[:, :, 0])
    recon = 784 * np.log1p(np.exp(-logits)).mean(axis=0)
    kl = 0.5 * (4 + 0.25 - 1 - math.log(0.25))
    assert terms.recon_nats.tolist() == pytest.approx(recon, rel=1e-6)
    assert terms.kl_nats.tolist() == pytest.approx([kl] * 3)
    assert terms.neg_elbo_nats.tolist() == pytest.approx(recon + kl, rel=1e-6)
    assert terms.z_mean.tolist() == [[2.0]] * 3
    nats = mean_nats(terms)
    assert nats["neg_elbo_nats"] == pytest.approx(recon.mean() + kl, rel=1e-6)
    assert nats["recon_nats"] == pytest.approx(recon.mean(), rel=1e-6)
    assert nats["kl_nats"] == pytest.approx(kl)
    assert stderr_nats(terms) == pytest.approx(np.std(recon, ddof=1) / math.sqrt(3), rel=1e-4)


def test_the_bound_is_below_the_likelihood_and_reaches_it_where_the_posterior_is_exact() -> None:
    """With a decoder that ignores z, p(x) = 2**-784, and q(z|x) = N(0, 1) is the posterior."""
    exact = mean_nats(elbo_terms(constant_vae(0, 0, 0), images(4), np.random.default_rng(0)))
    loose = mean_nats(elbo_terms(constant_vae(1, 0, 0), images(4), np.random.default_rng(0)))
    assert exact["neg_elbo_nats"] == pytest.approx(784 * math.log(2), rel=1e-6)
    assert loose["neg_elbo_nats"] == pytest.approx(784 * math.log(2) + 0.5, rel=1e-6)


def test_batches_do_not_change_the_estimate(monkeypatch) -> None:
    vae = mlp_vae(2, [8])
    whole = elbo_terms(vae, images(10), np.random.default_rng(0), 3)
    monkeypatch.setattr(batches, "BATCH", 3)
    monkeypatch.setattr(batches, "AHEAD", 1)
    parts = elbo_terms(vae, images(10), np.random.default_rng(0), 3)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
