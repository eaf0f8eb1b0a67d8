"""A density on grey levels in [0, 1]; Loaiza-Ganem & Cunningham 2019."""

import numpy as np
import torch
from torch import Tensor

from mnist_vae.random_streams import Rng

IS_LIKELIHOOD = True
IS_LINEAR = True
DRAWS_PIXELS = False


def observe(images: np.ndarray, rng: Rng) -> np.ndarray:
    """The images as they are."""
    return images


def recon_nats(x_logits: Tensor, x: Tensor) -> Tensor:
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


def x_mean(logit: Tensor) -> Tensor:
    """The mean of a continuous Bernoulli pixel: 1 / (1 - exp(-l)) - 1/l, and 1/2 at l = 0."""
    small = logit.abs() < 0.5
    safe = logit.masked_fill(small, 1.0)
    square = logit.square()
    series = 0.5 + logit * (1 / 12 - square * (1 / 720 - square * (1 / 30240 - square / 1209600)))
    return torch.where(small, series, -1 / torch.expm1(-safe) - 1 / safe)
