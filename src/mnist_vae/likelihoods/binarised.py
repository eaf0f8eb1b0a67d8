"""Black and white pixels, drawn with the grey level as the probability of white: Bernoulli pixels,
as most papers report them; Salakhutdinov & Murray 2008."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_vae.errors import ParamsError
from mnist_vae.random_streams import Rng

IS_LIKELIHOOD = True
IS_LINEAR = True
DRAWS_PIXELS = True

x_mean = torch.sigmoid


def observe(images: np.ndarray, rng: Rng) -> np.ndarray:
    """0 or 255 for each pixel of uint8 `images`; 255 with probability grey level / 255, exactly:
    of the 255 equally likely integers from 1 to 255, as many as the grey level do not exceed it.
    Raises ParamsError for colours."""
    if images.ndim == 4:
        raise ParamsError(
            "model.likelihood is binarised, which draws black or white; the images have colours: "
            "use grey or continuous_bernoulli, or `channels: 1` in their dataset.yaml"
        )
    white = integers_to_255(images.size, rng).reshape(images.shape) <= images
    return white.view(np.uint8) * np.uint8(255)


def integers_to_255(count: int, rng: Rng) -> np.ndarray:
    """uint8 (count,), from 1 to 255 with equal probability: random bytes without the zeros.

    One more than those of rng.integers(255, dtype=np.uint8), in half the time.
    """
    spare = count // 128 + 64  # twice as many as there are zeros to expect, and more
    drawn = rng.bit_generator.random_raw((count + spare) // 8).view(np.uint8)
    drawn = drawn[drawn != 0][:count]
    if len(drawn) == count:
        return drawn
    return np.concatenate([drawn, integers_to_255(count - len(drawn), rng)])


def recon_nats(x_logits: Tensor, x: Tensor) -> Tensor:
    """-log p(x|z) in nats per image, shape (B,); x_logits and x are (B, P), x is 0 or 1."""
    return F.binary_cross_entropy_with_logits(x_logits, x, reduction="none").sum(dim=1)
