"""-log p(x) of whole sets of images, estimated by importance sampling."""

import math
from typing import NamedTuple

import numpy as np
import torch

from mnist_vae import draws
from mnist_vae.model.objective import log_ratio
from mnist_vae.model.vae import BATCH, PIXELS, VAE, pixels, sample_z


class NllEstimate(NamedTuple):
    """For each image, (N,): -log p(x) in nats, and the effective number of samples behind it, from
    1, where a single sample decides and the estimate is too high, to `samples`."""

    nll_nats: np.ndarray
    effective_samples: np.ndarray
    samples: int

    @property
    def stderr(self) -> float:
        """The standard error of the mean over the images."""
        return float(self.nll_nats.std(ddof=1)) / math.sqrt(len(self.nll_nats))

    @property
    def bits_per_dim(self) -> float:
        """The mean in bits per pixel; of a density, it may be negative."""
        return float(self.nll_nats.mean()) / (PIXELS * math.log(2))


@torch.inference_mode()
def estimate_nll(vae: VAE, images: np.ndarray, rng: draws.Rng, samples: int) -> NllEstimate:
    """Of observed uint8 `images` (N, 28, 28): the mean of p(x|z) p(z) / q(z|x) over draws of z from
    q(z|x); Burda, Grosse & Salakhutdinov 2016, equation 8. The effective number of samples is
    (sum of weights)^2 / sum of squared weights; Kong 1992.

    Each sample has a stream of its own, so that an image's draws do not depend on BATCH.
    """
    parts, streams = [], rng.spawn(samples)
    for batch in torch.from_numpy(images).to(vae.device).split(BATCH):
        x = pixels(batch)
        z_mean, z_log_var = vae.encode(x)
        # Both as logarithms, in float64: of the sum of the weights, and of their squares
        total = torch.full((len(x),), -torch.inf, dtype=torch.float64, device=vae.device)
        squares = total.clone()
        for stream in streams:
            eps = torch.from_numpy(draws.normal(stream, len(x), vae.latent_dim)).to(vae.device)
            z = sample_z(z_mean, z_log_var, eps)
            recon = vae.likelihood.recon_nats(vae.decode(z), x).double()
            log_weight = log_ratio(z, z_mean, z_log_var).double() - recon
            total = torch.logaddexp(total, log_weight)
            squares = torch.logaddexp(squares, 2 * log_weight)
        parts.append((math.log(samples) - total, torch.exp(2 * total - squares)))
    nll, effective = (torch.cat(part).cpu().numpy() for part in zip(*parts, strict=True))
    return NllEstimate(nll, effective, samples)
