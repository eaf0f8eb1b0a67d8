"""The terms of the negative ELBO against torch.distributions and against sums by hand."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.integrate import simpson
from torch.distributions import Bernoulli, ContinuousBernoulli, Normal, kl_divergence

from mnist_vae.model.objective import (
    bernoulli_nats,
    continuous_bernoulli_mean,
    continuous_bernoulli_nats,
    kl_nats,
    kl_nats_per_dim,
    log_ratio,
)


def random_case() -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return (
        3 * draw(5, 784),
        torch.rand(5, 784, generator=generator).double(),
        draw(5, 3),
        draw(5, 3),
    )


def test_kl_is_that_of_torch_distributions() -> None:
    _, _, z_mean, z_log_var = random_case()
    posterior = Normal(z_mean, (0.5 * z_log_var).exp())
    expected = kl_divergence(posterior, Normal(0.0, 1.0))
    torch.testing.assert_close(kl_nats_per_dim(z_mean, z_log_var), expected)
    torch.testing.assert_close(kl_nats(z_mean, z_log_var), expected.sum(dim=1))


def test_recon_of_binary_pixels_is_the_bernoulli_log_likelihood() -> None:
    x_logits, x, _, _ = random_case()
    x = x.round()
    expected = -Bernoulli(logits=x_logits).log_prob(x).sum(dim=1)
    torch.testing.assert_close(bernoulli_nats(x_logits, x), expected)


def test_recon_of_grey_pixels_is_the_expected_one() -> None:
    x_logits, x, _, _ = random_case()
    p = torch.sigmoid(x_logits)
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)
    torch.testing.assert_close(bernoulli_nats(x_logits, x), expected)


def test_recon_of_zero_logits_is_784_ln_2() -> None:
    x = torch.rand(2, 784)
    torch.testing.assert_close(
        bernoulli_nats(torch.zeros(2, 784), x), torch.full((2,), 784 * math.log(2))
    )


def test_recon_is_finite_where_a_sigmoid_would_saturate() -> None:
    x_logits = torch.tensor([[200.0, -200.0]])
    torch.testing.assert_close(
        bernoulli_nats(x_logits, torch.tensor([[0.0, 1.0]])), torch.tensor([400.0])
    )


def test_the_bernoulli_probabilities_of_all_tiny_images_sum_to_one() -> None:
    images = torch.tensor(list(itertools.product([0.0, 1.0], repeat=8)), dtype=torch.float64)
    x_logits = random_case()[0][:1, :8].expand(len(images), -1)
    assert (-bernoulli_nats(x_logits, images)).exp().sum().item() == pytest.approx(1)


# Around 0, where the normaliser is 0/0; where the formula takes over from the series; far out.
LOGITS = [0.0, 1e-6, -1e-3, 0.1, 0.4999, -0.5001, 0.9999, 1.0001, 3.0, -20.0, 80.0]


@pytest.mark.parametrize("logit", LOGITS)
def test_the_continuous_bernoulli_density_integrates_to_one_and_has_its_mean(logit) -> None:
    x_logits = torch.tensor([[logit]], dtype=torch.float64)

    x, step = np.linspace(0, 1, 200_001, retstep=True)
    pixels = torch.from_numpy(x)[:, None]
    density = (-continuous_bernoulli_nats(x_logits.expand(len(x), -1), pixels)).exp().numpy()
    assert simpson(density, dx=step) == pytest.approx(1, abs=1e-9)
    mean = simpson(x * density, dx=step)
    assert continuous_bernoulli_mean(x_logits).item() == pytest.approx(mean, abs=1e-9)


def test_the_continuous_bernoulli_is_that_of_torch_distributions() -> None:
    x_logits, x, _, _ = random_case()
    theirs = ContinuousBernoulli(logits=x_logits)
    torch.testing.assert_close(
        continuous_bernoulli_nats(x_logits, x), -theirs.log_prob(x).sum(dim=1), rtol=1e-6, atol=1e-3
    )
    torch.testing.assert_close(
        continuous_bernoulli_mean(x_logits), theirs.mean, rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("logit", [*LOGITS, 1e4, -1e4])
def test_its_gradient_is_the_mean_less_the_pixel_in_single_precision_too(logit) -> None:
    x_logits = torch.tensor([[logit]], requires_grad=True)
    continuous_bernoulli_nats(x_logits, torch.tensor([[0.3]])).sum().backward()
    exact = continuous_bernoulli_mean(torch.tensor([[logit]], dtype=torch.float64)).item() - 0.3
    assert x_logits.grad is not None
    assert x_logits.grad.item() == pytest.approx(exact, abs=2e-6)


def test_log_ratio_is_that_of_torch_distributions() -> None:
    _, _, z_mean, z_log_var = random_case()
    z = z_mean + torch.linspace(-2, 2, 15, dtype=torch.float64).view(5, 3)
    posterior = Normal(z_mean, (0.5 * z_log_var).exp())
    expected = Normal(0.0, 1.0).log_prob(z) - posterior.log_prob(z)
    torch.testing.assert_close(log_ratio(z, z_mean, z_log_var), expected.sum(dim=1))
