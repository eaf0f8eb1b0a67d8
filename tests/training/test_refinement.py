"""Refined posteriors against the best there are, found by quadrature and a search over a grid."""

import math

import numpy as np
import torch
from default_run import MNIST_SHAPE, params_with
from scipy.optimize import minimize

from mnist_vae import random_streams
from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.inference import encode
from mnist_vae.model.nll import estimate_nll
from mnist_vae.model.vae import VAE, build_vae, pixels
from mnist_vae.training.refinement import refine

GREY = np.random.default_rng(2).integers(0, 256, (5, 28, 28), dtype=np.uint8)


def untrained_vae(likelihood: str) -> VAE:
    """Untrained: its decoder depends on z, and its encoder hardly on the image."""
    model = params_with(model__likelihood=likelihood, model__mlp__hidden_dims=[8]).model
    return build_vae(model, 1, seed=1, shape=MNIST_SHAPE).eval()


@torch.no_grad()
def lowest(vae: VAE, image: np.ndarray) -> float:
    """The least negative ELBO that scipy's search finds, with the integral over z by quadrature."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    x = pixels(torch.from_numpy(image[None])).double().expand(len(points), -1)

    def negative_elbo(posterior: np.ndarray) -> float:
        mean, log_var = posterior
        z = torch.from_numpy(mean + points * math.exp(0.5 * log_var))[:, None]
        recon = vae.likelihood.recon_nats(vae.decode(z), x).numpy()
        kl = 0.5 * (mean**2 + math.exp(log_var) - 1 - log_var)
        return float(recon @ weights) / math.sqrt(2 * math.pi) + kl

    starts = [(mean, log_var) for mean in (-3, -1, 0, 1, 3) for log_var in (-4, 0)]
    return min(minimize(negative_elbo, start, method="Nelder-Mead").fun for start in starts)


def test_steps_find_the_best_posterior_of_each_image() -> None:
    vae = untrained_vae("grey")
    rng = random_streams.refinement_eps(0)
    found = refine(vae, GREY, rng, 200)
    before = elbo_terms(vae, GREY, random_streams.test_eps(0), 4000).neg_elbo_nats
    after = elbo_terms(vae, GREY, random_streams.test_eps(0), 4000, found).neg_elbo_nats
    exact = untrained_vae("grey").double()
    best = np.array([lowest(exact, image) for image in GREY])
    assert (before > best + 1).all()
    np.testing.assert_allclose(after, best, atol=0.15)


def test_it_depends_on_no_other_image_and_leaves_the_network_alone(monkeypatch) -> None:
    vae = untrained_vae("grey")
    weights = [weight.clone() for weight in vae.state_dict().values()]
    whole = refine(vae, GREY, random_streams.refinement_eps(0), 5)
    monkeypatch.setattr("mnist_vae.model.batches.BATCH", 2)
    parts = refine(vae, GREY, random_streams.refinement_eps(0), 5)
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert all(map(torch.equal, weights, vae.state_dict().values()))
    for a, b in zip(
        encode(vae, GREY), refine(vae, GREY, random_streams.refinement_eps(0), 0), strict=True
    ):
        np.testing.assert_array_equal(a, b)


def test_better_draws_leave_the_estimate_of_the_likelihood_and_make_more_of_them_effective(
    monkeypatch,
) -> None:
    monkeypatch.setattr("mnist_vae.likelihoods.binarised.IS_LINEAR", False)  # no draws of p(z)
    vae = untrained_vae("binarised")
    seen = vae.likelihood.observe(GREY, random_streams.test_pixels())
    found = refine(vae, seen, random_streams.refinement_eps(0), 200)
    by_encoder, refined = (
        estimate_nll(vae, seen, random_streams.importance_samples(0), 4000, posterior)
        for posterior in (None, found)
    )
    np.testing.assert_allclose(refined.nll_nats, by_encoder.nll_nats, atol=0.1)
    assert refined.effective_samples.mean() > 1.5 * by_encoder.effective_samples.mean()
