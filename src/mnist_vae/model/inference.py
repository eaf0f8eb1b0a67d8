"""Encode whole sets of images, decode whole grids of z."""

import numpy as np
from torch import Tensor

from mnist_vae.model.batches import in_batches
from mnist_vae.model.vae import VAE, pixels

Posterior = tuple[np.ndarray, np.ndarray]  # z_mean, z_log_var of q(z|x), (N, latent_dim) each


def encode(vae: VAE, images: np.ndarray) -> Posterior:
    """Observed uint8 images (N, H, W[, 3]) -> float32 z_mean, z_log_var, each (N, latent_dim)."""
    z_mean, z_log_var = in_batches(lambda vae, batch: vae.encode(pixels(batch)), vae, images)
    return z_mean, z_log_var


def decode(vae: VAE, z: np.ndarray) -> np.ndarray:
    """z (..., latent_dim) -> x_mean (..., H, W[, 3]) in [0, 1]."""

    def x_mean(vae: VAE, z: Tensor) -> tuple[Tensor]:
        return (vae.likelihood.x_mean(vae.decode(z)),)

    (images,) = in_batches(x_mean, vae, z.astype(np.float32).reshape(-1, z.shape[-1]))
    images = images.reshape(*z.shape[:-1], *vae.shape)
    return np.moveaxis(images, -3, -1) if vae.shape[0] > 1 else images[..., 0, :, :]
