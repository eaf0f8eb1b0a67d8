"""Encode whole sets of images, decode whole grids of z."""

import numpy as np
import torch

from mnist_vae.model.vae import BATCH, VAE, pixels


@torch.inference_mode()
def encode(vae: VAE, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Observed uint8 images (N, 28, 28) -> float32 z_mean and z_log_var, (N, latent_dim) each."""
    batches = torch.from_numpy(images).to(vae.device).split(BATCH)
    parts = zip(*(vae.encode(pixels(batch)) for batch in batches), strict=True)
    z_mean, z_log_var = (torch.cat(part).cpu().numpy() for part in parts)
    return z_mean, z_log_var


@torch.inference_mode()
def decode(vae: VAE, z: np.ndarray) -> np.ndarray:
    """z (..., latent_dim) -> x_mean (..., 28, 28) in [0, 1], in one call of the decoder."""
    flat = torch.from_numpy(z.astype(np.float32)).flatten(end_dim=-2).to(vae.device)
    return vae.likelihood.x_mean(vae.decode(flat)).cpu().numpy().reshape(*z.shape[:-1], 28, 28)
