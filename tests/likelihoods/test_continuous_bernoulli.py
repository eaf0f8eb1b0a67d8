"""The continuous Bernoulli against integrals and torch.distributions."""

import numpy as np
import pytest
import torch
from scipy.integrate import simpson
from torch.distributions import ContinuousBernoulli

from mnist_vae.likelihoods.continuous_bernoulli import recon_nats, x_mean

# Around 0, where the normaliser is 0/0; where the formula takes over from the series; far out.
LOGITS = [0.0, 1e-6, -1e-3, 0.4999, -0.5001, 0.9999, 1.0001, 3.0, -20.0, 80.0]


@pytest.mark.parametrize("logit", LOGITS)
def test_the_density_integrates_to_one_and_has_its_mean(logit) -> None:
    x_logits = torch.tensor([[logit]], dtype=torch.float64)
    x, step = np.linspace(0, 1, 200_001, retstep=True)
    pixels = torch.from_numpy(x)[:, None]
    density = (-recon_nats(x_logits.expand(len(x), -1), pixels)).exp().numpy()
    assert simpson(density, dx=step) == pytest.approx(1, abs=1e-9)
    assert x_mean(x_logits).item() == pytest.approx(simpson(x * density, dx=step), abs=1e-9)


def test_it_is_that_of_torch_distributions() -> None:
    generator = torch.Generator().manual_seed(0)
    x_logits = 3 * torch.randn(5, 784, generator=generator, dtype=torch.float64)
    x, theirs = torch.rand(5, 784, generator=generator), ContinuousBernoulli(logits=x_logits)
    expected = -theirs.log_prob(x.double()).sum(dim=1)
    torch.testing.assert_close(recon_nats(x_logits, x.double()), expected, rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize("logit", [*LOGITS, 1e4, -1e4])
def test_its_gradient_is_the_mean_less_the_pixel_in_single_precision_too(logit) -> None:
    x_logits = torch.tensor([[logit]], requires_grad=True)
    recon_nats(x_logits, torch.tensor([[0.3]])).sum().backward()
    exact = x_mean(torch.tensor([[logit]], dtype=torch.float64)).item() - 0.3
    assert x_logits.grad is not None
    assert x_logits.grad.item() == pytest.approx(exact, abs=2e-6)
