"""The terms of the negative ELBO, what is minimised, and the gradient of the importance-weighted
bound, against torch.distributions and plain formulas."""

import math

import numpy as np
import torch
from default_run import MNIST_SHAPE, params_with
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.objective import (
    describe_objective,
    kl_nats,
    kl_nats_per_dim,
    log_ratio,
    losses,
)
from mnist_vae.model.vae import VAE, build_vae, sample_z

SAMPLES = 3


def random_posterior() -> tuple[Tensor, Tensor, Normal]:
    z_mean, z_log_var = torch.randn(2, 5, 3, dtype=torch.float64)
    return z_mean, z_log_var, Normal(z_mean, (0.5 * z_log_var).exp())


def test_kl_is_that_of_torch_distributions() -> None:
    z_mean, z_log_var, posterior = random_posterior()
    expected = kl_divergence(posterior, Normal(0.0, 1.0))
    torch.testing.assert_close(kl_nats_per_dim(z_mean, z_log_var), expected)
    torch.testing.assert_close(kl_nats(z_mean, z_log_var), expected.sum(dim=1))


def test_log_ratio_is_that_of_torch_distributions() -> None:
    z_mean, z_log_var, posterior = random_posterior()
    z = z_mean + torch.linspace(-2, 2, 15, dtype=torch.float64).view(5, 3)
    expected = Normal(0.0, 1.0).log_prob(z) - posterior.log_prob(z)
    torch.testing.assert_close(log_ratio(z, z_mean, z_log_var), expected.sum(dim=1))


def small_vae() -> VAE:
    model = params_with(model__mlp__hidden_dims=[4], model__likelihood="binarised").model
    return build_vae(model, 2, seed=0, shape=MNIST_SHAPE).double()


def images() -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 2, (1, 784))).double()


def test_beta_weighs_the_kl_and_only_in_what_is_minimised() -> None:
    vae, eps = small_vae(), torch.zeros(1, 2, dtype=torch.float64)
    plain = losses(vae, images(), eps, torch.tensor(1.0))
    found = losses(vae, images(), eps, torch.tensor(4.0))
    assert found[:2] == plain[:2]
    torch.testing.assert_close(found.minimised, plain.recon_nats + 4 * plain.kl_nats)


def test_the_terms_of_the_importance_weighted_bound_are_those_of_the_elbo() -> None:
    """The mean over many draws of z, each estimated in its own way."""
    eps = torch.randn(1, 20_000, 2, dtype=torch.float64)
    found = losses(small_vae(), images(), eps, torch.tensor(1.0))
    seen = (images() * 255).to(torch.uint8).view(1, 28, 28).numpy()
    terms = elbo_terms(small_vae().float(), seen, np.random.default_rng(0), 2000)
    np.testing.assert_allclose(found.kl_nats.detach(), terms.kl_nats, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.recon_nats.detach(), terms.recon_nats, rtol=1e-3, atol=0.05)


def bound(vae: VAE, x: Tensor, eps: Tensor) -> Tensor:
    """The importance-weighted bound for eps (1, SAMPLES, 2) of one image, differentiated as it
    stands, without the detour of `losses`: -log of the mean of p(x|z) p(z) / q(z|x)."""
    z_mean, z_log_var = vae.encode(x)
    z = sample_z(z_mean, z_log_var, eps)
    recon = vae.likelihood.recon_nats(vae.decode(z[0]), x.expand(SAMPLES, -1))
    return math.log(SAMPLES) - (log_ratio(z[0], z_mean, z_log_var) - recon).logsumexp(dim=0)


def gradient(vae: VAE, value: Tensor) -> Tensor:
    return torch.cat([g.flatten() for g in torch.autograd.grad(value, list(vae.parameters()))])


def test_its_gradient_is_on_average_that_of_the_bound_and_varies_less() -> None:
    generator = torch.Generator().manual_seed(0)
    eps = torch.randn(500, SAMPLES, 2, generator=generator, dtype=torch.float64)
    vae, x, one = small_vae(), images(), torch.tensor(1.0)
    ours = torch.stack([gradient(vae, losses(vae, x, e[None], one).minimised.sum()) for e in eps])
    plain = torch.stack([gradient(vae, bound(vae, x, e[None])) for e in eps])
    difference = (ours - plain).mean(dim=0)
    stderr = (ours - plain).std(dim=0) / len(eps) ** 0.5
    assert ((difference.abs() < 5 * stderr + 1e-9).double().mean() > 0.999).item()
    encoder = sum(weight.numel() for weight in vae.encoder.parameters())
    assert ours[:, :encoder].var(dim=0).sum() < 0.5 * plain[:, :encoder].var(dim=0).sum()


def test_the_log_names_what_is_minimised() -> None:
    def said(**changes: object) -> str:
        return describe_objective(params_with(**changes).objective)

    assert said() == "minimises the negative ELBO"
    assert said(objective__beta=4.0) == "minimises recon + 4 KL, not the negative ELBO"
    assert "grows during the first 3 epochs" in said(objective__warm_up_epochs=3)
    assert "importance-weighted bound of 5 samples" in said(objective__importance_samples=5)
