"""Gradient steps on q(z|x) of each image alone. What they gain is what the encoder costs, the
amortisation gap; Cremer, Li & Duvenaud 2018."""

import numpy as np
import torch
from torch import Tensor

from mnist_vae import random_streams
from mnist_vae.model.batches import in_batches
from mnist_vae.model.inference import Posterior, encode
from mnist_vae.model.objective import kl_nats
from mnist_vae.model.vae import VAE, pixels, sample_z
from mnist_vae.training.adam import Adam

# The first step, in the encoder's standard deviations; they shrink to 0 in a line. By validation
# images of networks with 2 and 16 dimensions: with 300 steps, 0.2 and 0.5 gain as much.
STEP = 0.3


def refine(vae: VAE, images: np.ndarray, rng: random_streams.Rng, steps: int) -> Posterior:
    """z_mean and z_log_var for observed uint8 `images` (N, H, W[, 3]), (N, latent_dim) each, after
    `steps` of Adam from the encoder's, downhill on each image's negative ELBO. In each step, all
    images share one draw of eps."""
    noise = torch.from_numpy(random_streams.normal(rng, steps, vae.latent_dim)).to(vae.device)

    def descend(vae: VAE, images: Tensor, *posterior: Tensor) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(False):
            z_mean, z_log_var = (part.clone() for part in posterior)
            return descend_from(vae, pixels(images), z_mean, z_log_var, noise)

    z_mean, z_log_var = in_batches(descend, vae, images, *encode(vae, images))
    return z_mean, z_log_var


def descend_from(
    vae: VAE, x: Tensor, z_mean: Tensor, z_log_var: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """z_mean and z_log_var (B, latent_dim) of x (B, P), after a step for each of `noise`."""
    z_std = torch.exp(0.5 * z_log_var)
    moved = torch.zeros_like(z_mean, requires_grad=True)  # in units of z_std
    widened = torch.zeros_like(z_mean, requires_grad=True)
    optimiser = Adam([moved, widened])
    for rate, eps in zip(torch.linspace(STEP, 0, len(noise) + 1), noise, strict=False):
        mean, log_var = z_mean + z_std * moved, z_log_var + widened
        recon = vae.likelihood.recon_nats(vae.decode(sample_z(mean, log_var, eps)), x)
        optimiser.step((recon + kl_nats(mean, log_var)).sum(), rate.to(x.device))
    return (z_mean + z_std * moved).detach(), (z_log_var + widened).detach()
