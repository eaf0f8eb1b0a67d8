"""-log p(x) by importance sampling against exact integrals over z."""

import math

import numpy as np
import pytest
import torch
from default_run import MNIST_SHAPE, params_with
from torch import nn

from mnist_vae import random_streams
from mnist_vae.model.nll import PRIOR_SAMPLES, WIDER, NllEstimate, estimate_nll
from mnist_vae.model.vae import VAE, build_vae, pixels


class Square(nn.Module):
    def forward(self, z):
        return z.square()


def small_vae(likelihood: str, latent_dim: int) -> VAE:
    """Its decoder depends on z, and its posterior is wider than the true one."""
    model = params_with(model__likelihood=likelihood, model__mlp__hidden_dims=[8]).model
    vae = build_vae(model, latent_dim, seed=1, shape=MNIST_SHAPE).eval()
    with torch.no_grad():
        list(vae.decoder.parameters())[-2].mul_(0.3)
    return vae


def images(likelihood: str) -> np.ndarray:
    grey = np.random.default_rng(2).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    return small_vae(likelihood, 1).likelihood.observe(grey, random_streams.test_pixels())


@torch.no_grad()
def exact_nll(vae: VAE, seen: np.ndarray) -> np.ndarray:
    """The integral of p(x|z) p(z) over a fine grid, in float64."""
    vae = vae.double()
    axis = torch.linspace(-6, 6, 801 if vae.latent_dim == 1 else 81, dtype=torch.float64)
    z = torch.cartesian_prod(*[axis] * vae.latent_dim).view(-1, vae.latent_dim)
    log_prior = -0.5 * (z.square() + math.log(2 * math.pi)).sum(dim=1)
    log_cell = vae.latent_dim * math.log(float(axis[1] - axis[0]))
    x_logits, exact = vae.decode(z), []
    for x in pixels(torch.from_numpy(seen)).double():
        log_joint = log_prior - vae.likelihood.recon_nats(x_logits, x.expand(len(z), -1))
        exact.append(-(log_joint.logsumexp(dim=0).item() + log_cell))
    return np.array(exact)


@pytest.fixture
def without_the_prior(monkeypatch) -> None:
    monkeypatch.setattr("mnist_vae.likelihoods.binarised.IS_LINEAR", False)


@pytest.mark.parametrize(
    ("likelihood", "latent_dim"), [("binarised", 2), ("continuous_bernoulli", 1)]
)
def test_the_estimate_agrees_with_the_integral(likelihood, latent_dim) -> None:
    seen = images(likelihood)
    found = estimate_nll(small_vae(likelihood, latent_dim), seen, random_streams.test_eps(0), 100)
    exact = exact_nll(small_vae(likelihood, latent_dim), seen)
    assert (found.effective_samples > 100).all()
    np.testing.assert_allclose(found.nll_nats, exact, atol=0.1)


@pytest.mark.usefixtures("without_the_prior")
def test_draws_of_q_alone_agree_with_the_integral() -> None:
    seen = images("binarised")
    found = estimate_nll(small_vae("binarised", 2), seen, random_streams.test_eps(0), 2000)
    assert found.samples == 2000
    np.testing.assert_allclose(found.nll_nats, exact_nll(small_vae("binarised", 2), seen), atol=0.1)


def test_the_prior_finds_the_mode_that_the_encoder_does_not_think_of(monkeypatch) -> None:
    def lopsided() -> VAE:
        """p(x|z) is the same for z and -z; q(z|x) is narrow, around 2."""
        vae = small_vae("binarised", 1)
        vae.decoder = nn.Sequential(Square(), vae.decoder)
        with torch.no_grad():
            *_, weight, bias = vae.encoder.parameters()
            weight.zero_()
            bias.copy_(torch.tensor([2.0, -4.0]))
        return vae

    seen, exact = images("binarised"), exact_nll(lopsided(), images("binarised"))
    found = estimate_nll(lopsided(), seen, random_streams.test_eps(0), 100)
    np.testing.assert_allclose(found.nll_nats, exact, atol=0.1)
    monkeypatch.setattr("mnist_vae.likelihoods.binarised.IS_LINEAR", False)
    of_q_alone = estimate_nll(lopsided(), seen, random_streams.test_eps(0), 100)
    assert (of_q_alone.nll_nats > exact + 0.5).all()


@pytest.mark.usefixtures("without_the_prior")
def test_one_sample_is_worth_one() -> None:
    seen = images("binarised")
    one = estimate_nll(small_vae("binarised", 2), seen, random_streams.test_eps(0), 1)
    np.testing.assert_allclose(one.effective_samples, 1)


@pytest.mark.parametrize(("latent_dim", "of_prior"), [(2, PRIOR_SAMPLES), (9, 0)])
def test_equal_weights_are_worth_all(latent_dim, of_prior) -> None:
    vae = small_vae("binarised", latent_dim)
    with torch.no_grad():  # q(z|x), widened, is the prior, and p(x|z) does not depend on z
        *_, weight, bias = vae.encoder.parameters()
        for values in (weight, bias, next(vae.decoder.parameters())):
            values.zero_()
        bias[latent_dim:] = -2 * math.log(WIDER)
    equal = estimate_nll(vae, images("binarised"), random_streams.test_eps(0), 50)
    assert equal.samples == 50 + of_prior
    np.testing.assert_allclose(equal.effective_samples, equal.samples, rtol=1e-4)


def test_batches_do_not_change_the_estimate(monkeypatch) -> None:
    whole = estimate_nll(
        small_vae("binarised", 2), images("binarised"), random_streams.test_eps(0), 5
    )
    monkeypatch.setattr("mnist_vae.model.batches.BATCH", 4)
    monkeypatch.setattr("mnist_vae.model.batches.AHEAD", 1)
    parts = estimate_nll(
        small_vae("binarised", 2), images("binarised"), random_streams.test_eps(0), 5
    )
    np.testing.assert_allclose(parts.nll_nats, whole.nll_nats, rtol=1e-5)


def test_bits_and_standard_error_are_of_the_mean_and_few_effective_samples_are_named() -> None:
    nats = np.array([784.0, 0.0, 784.0, 0.0]) * math.log(2)
    found = NllEstimate(nats, np.array([1.0, 20.0, 30.0, 40.0]), 50, 784)
    assert found.bits_per_dim == pytest.approx(0.5)
    assert found.stderr == pytest.approx(784 * math.log(2) / math.sqrt(12))
    assert found.diagnostics["effective_samples_median"] == 25
    assert "effective samples: 25.0 of 50 (median)" in str(found)
    assert "these are few" not in str(found)
    assert "these are few" in str(found._replace(effective_samples=np.ones(4)))
