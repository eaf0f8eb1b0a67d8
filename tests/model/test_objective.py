"""The terms of the negative ELBO against torch.distributions and against sums by hand."""

import math

import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from mnist_vae.model.objective import kl_nats, kl_nats_per_dim, recon_nats


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
    torch.testing.assert_close(recon_nats(x_logits, x), expected)


def test_recon_of_grey_pixels_is_the_expected_one() -> None:
    x_logits, x, _, _ = random_case()
    p = torch.sigmoid(x_logits)
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)
    torch.testing.assert_close(recon_nats(x_logits, x), expected)


def test_recon_of_zero_logits_is_784_ln_2() -> None:
    x = torch.rand(2, 784)
    torch.testing.assert_close(
        recon_nats(torch.zeros(2, 784), x), torch.full((2,), 784 * math.log(2))
    )


def test_recon_is_finite_where_a_sigmoid_would_saturate() -> None:
    x_logits = torch.tensor([[200.0, -200.0]])
    torch.testing.assert_close(
        recon_nats(x_logits, torch.tensor([[0.0, 1.0]])), torch.tensor([400.0])
    )
