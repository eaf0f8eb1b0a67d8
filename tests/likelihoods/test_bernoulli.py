"""Grey levels and black and white pixels: the cross-entropy, against torch.distributions."""

import itertools

import pytest
import torch
from torch.distributions import Bernoulli

from mnist_vae.likelihoods import binarised, grey

both = pytest.mark.parametrize("likelihood", [binarised, grey])


def random_case() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x_logits = 3 * torch.randn(5, 784, generator=generator, dtype=torch.float64)
    return x_logits, torch.rand(5, 784, generator=generator).double()


@both
def test_of_binary_pixels_it_is_the_bernoulli_log_likelihood(likelihood) -> None:
    x_logits, x = random_case()
    expected = -Bernoulli(logits=x_logits).log_prob(x.round()).sum(dim=1)
    torch.testing.assert_close(likelihood.recon_nats(x_logits, x.round()), expected)


def test_of_grey_pixels_it_is_the_expected_one() -> None:
    x_logits, x = random_case()
    p = torch.sigmoid(x_logits)
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1)
    torch.testing.assert_close(grey.recon_nats(x_logits, x), expected)


@both
def test_it_is_finite_where_a_sigmoid_would_saturate(likelihood) -> None:
    nats = likelihood.recon_nats(torch.tensor([[200.0, -200.0]]), torch.tensor([[0.0, 1.0]]))
    assert nats.tolist() == [400]


def test_the_probabilities_of_all_tiny_images_sum_to_one() -> None:
    images = torch.tensor(list(itertools.product([0.0, 1.0], repeat=8)), dtype=torch.float64)
    x_logits = random_case()[0][:1, :8].expand(len(images), -1)
    assert (-binarised.recon_nats(x_logits, images)).exp().sum().item() == pytest.approx(1)
