"""The terms of the negative ELBO, and of the importance-weighted bound, in nats per image."""

import torch
import torch.nn.functional as F
from torch import Tensor


def bernoulli_nats(x_logits: Tensor, x: Tensor) -> Tensor:
    """-log p(x|z) of Bernoulli pixels in nats per image, shape (B,); x_logits and x are (B, P).

    Kingma & Welling 2014, appendix C.1. For grey x in [0, 1] it is a cross-entropy, not a
    likelihood.
    """
    return F.binary_cross_entropy_with_logits(x_logits, x, reduction="none").sum(dim=1)


def continuous_bernoulli_nats(x_logits: Tensor, x: Tensor) -> Tensor:
    """-log p(x|z) of continuous Bernoulli pixels in nats per image, shape (B,), negative where the
    density is above 1; x_logits and x are (B, P), x in [0, 1].

    Loaiza-Ganem & Cunningham 2019, equation 9, by the logit l: p(x) = exp(l x) l / (exp(l) - 1).
    """
    return (log_normaliser(x_logits) - x_logits * x).sum(dim=1)


def log_normaliser(logit: Tensor) -> Tensor:
    """log((exp(l) - 1) / l) = l/2 + log(sinh(l/2) / (l/2)), without overflow or 0/0 at l = 0."""
    half = 0.5 * logit.abs()
    small = half < 0.25
    h = half.masked_fill(small, 1.0)  # its gradient at 0 would be nan, used or not
    # Not torch.log, whose last digit is the CPU's own (machine/arithmetic.py)
    log_sinhc = h + torch.log1p(-torch.exp(-2 * h)) - torch.log1p(2 * h - 1)
    h = half.masked_fill(~small, 0.0).square()
    series = h * (1 / 6 - h * (1 / 180 - h * (1 / 2835 - h / 37800)))
    return 0.5 * logit + torch.where(small, series, log_sinhc)


def continuous_bernoulli_mean(logit: Tensor) -> Tensor:
    """The mean of a continuous Bernoulli pixel: 1 / (1 - exp(-l)) - 1/l, and 1/2 at l = 0."""
    small = logit.abs() < 0.5
    safe = logit.masked_fill(small, 1.0)
    square = logit.square()
    series = 0.5 + logit * (1 / 12 - square * (1 / 720 - square * (1 / 30240 - square / 1209600)))
    return torch.where(small, series, -1 / torch.expm1(-safe) - 1 / safe)


def kl_nats_per_dim(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """KL(q(z_d|x) || N(0, 1)) in nats, shape (B, latent_dim); Kingma & Welling 2014, appendix B."""
    return 0.5 * (z_mean**2 + z_log_var.exp() - 1 - z_log_var)


def kl_nats(z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """KL(q(z|x) || N(0, I)) in nats per image, shape (B,); Kingma & Welling 2014, appendix B."""
    return kl_nats_per_dim(z_mean, z_log_var).sum(dim=1)


def log_ratio(z: Tensor, z_mean: Tensor, z_log_var: Tensor) -> Tensor:
    """log p(z) - log q(z|x) in nats for z (..., latent_dim), shape (...)."""
    distance = (z - z_mean).square() * torch.exp(-z_log_var)
    return 0.5 * (distance + z_log_var - z.square()).sum(dim=-1)
