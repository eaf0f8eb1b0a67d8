"""Black and white pixels, drawn with the grey level as the probability of white: Bernoulli pixels,
as most papers report them; Salakhutdinov & Murray 2008."""

import numpy as np
import torch

from mnist_vae.draws import Rng
from mnist_vae.model.objective import bernoulli_nats

IS_LIKELIHOOD = True
DRAWS_PIXELS = True

recon_nats = bernoulli_nats
x_mean = torch.sigmoid


def observe(images: np.ndarray, rng: Rng) -> np.ndarray:
    """0 or 255 for each pixel of uint8 `images`; 255 with probability grey level / 255, exactly:
    of the 255 equally likely integers that are drawn, as many as the grey level lie below it."""
    white = rng.integers(255, size=images.shape, dtype=np.uint8) < images
    return white.view(np.uint8) * np.uint8(255)
