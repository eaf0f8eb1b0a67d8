"""What is minimised: values, and the gradient of the importance-weighted bound."""

import math

import numpy as np
import pytest
import torch
from committed import params_with
from torch import Tensor

from mnist_vae.model.elbo import elbo_terms
from mnist_vae.model.objective import log_ratio
from mnist_vae.model.vae import VAE, build_vae, sample_z
from mnist_vae.training.losses import losses, minimised

SAMPLES = 3


def small_vae() -> VAE:
    model = params_with(model__mlp__hidden_dims=[4], model__likelihood="binarised").model
    return build_vae(model, 2, seed=0).double()


def images() -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 2, (1, 784))).double()


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_beta_weighs_the_kl_and_only_in_what_is_minimised(beta) -> None:
    vae, eps = small_vae(), torch.zeros(1, 2, dtype=torch.float64)
    found = losses(vae, images(), eps, torch.tensor(beta))
    plain = losses(vae, images(), eps, torch.tensor(1.0))
    assert found.recon_nats == plain.recon_nats
    assert found.kl_nats == plain.kl_nats
    torch.testing.assert_close(found.minimised, plain.recon_nats + beta * plain.kl_nats)


def test_the_terms_of_the_importance_weighted_bound_are_those_of_the_elbo() -> None:
    """The mean over many draws of z, each estimated in its own way."""
    vae, eps = small_vae(), torch.randn(1, 20_000, 2, dtype=torch.float64)
    found = losses(vae, images(), eps, torch.tensor(1.0))
    seen = (images() * 255).to(torch.uint8).view(1, 28, 28).numpy()
    terms = elbo_terms(small_vae().float(), seen, np.random.default_rng(0), 2000)
    np.testing.assert_allclose(found.kl_nats.detach(), terms.kl_nats, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.recon_nats.detach(), terms.recon_nats, rtol=1e-3, atol=0.05)


def bound(vae: VAE, x: Tensor, eps: Tensor) -> Tensor:
    """The importance-weighted bound for eps (N, SAMPLES, 2) of one image, (N,), differentiated as
    it stands, without the detour of `losses`: -log of the mean of p(x|z) p(z) / q(z|x)."""
    z_mean, z_log_var = vae.encode(x)
    z = sample_z(z_mean, z_log_var, eps)
    recon = vae.likelihood.recon_nats(
        vae.decode(z.flatten(end_dim=1)), x.expand(eps[..., 0].numel(), -1)
    ).view(eps.shape[:2])
    log_weights = log_ratio(z, z_mean, z_log_var) - recon
    return math.log(SAMPLES) - log_weights.logsumexp(dim=1)


def gradient(vae: VAE, value: Tensor) -> Tensor:
    return torch.cat([g.flatten() for g in torch.autograd.grad(value, list(vae.parameters()))])


def test_its_gradient_is_on_average_that_of_the_bound_and_varies_less() -> None:
    generator = torch.Generator().manual_seed(0)
    eps = torch.randn(2000, SAMPLES, 2, generator=generator, dtype=torch.float64)
    vae, x, one = small_vae(), images(), torch.tensor(1.0)
    ours = torch.stack([gradient(vae, losses(vae, x, e[None], one).minimised.sum()) for e in eps])
    plain = torch.stack([gradient(vae, bound(vae, x, e[None]).sum()) for e in eps])
    difference = (ours - plain).mean(dim=0)
    stderr = (ours - plain).std(dim=0) / len(eps) ** 0.5
    assert ((difference.abs() < 5 * stderr + 1e-9).double().mean() > 0.999).item()
    encoder = sum(weight.numel() for weight in vae.encoder.parameters())
    assert ours[:, :encoder].var(dim=0).sum() < 0.5 * plain[:, :encoder].var(dim=0).sum()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "minimises the negative ELBO"),
        ({"objective__beta": 4.0}, "minimises recon + 4 KL, not the negative ELBO"),
        ({"objective__warm_up_epochs": 3}, "grows during the first 3 epochs"),
        ({"objective__importance_samples": 5}, "importance-weighted bound of 5 samples"),
    ],
)
def test_the_log_names_what_is_minimised(changes, said) -> None:
    assert said in minimised(params_with(**changes).objective)
