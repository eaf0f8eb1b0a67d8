"""The VAE applied to whole sets of images, in large batches: encode, decode, estimate the ELBO."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae.objective import kl_nats_per_dim, recon_nats
from mnist_vae.vae import VAE, sample_z

BATCH = 2000  # images; large enough that the matrix products rule, small enough for the cache


class ElboTerms(NamedTuple):
    """recon_nats (N,), a mean over samples of z; kl_nats_per_dim and z_mean (N, latent_dim)."""

    recon_nats: Tensor
    kl_nats_per_dim: Tensor
    z_mean: Tensor

    @property
    def kl_nats(self) -> Tensor:
        return self.kl_nats_per_dim.sum(dim=1)

    @property
    def neg_elbo_nats(self) -> Tensor:
        return self.recon_nats + self.kl_nats


def pixels(images: Tensor) -> Tensor:
    """uint8 images (B, 28, 28) -> x (B, 784), float32 in [0, 1]."""
    return images.flatten(start_dim=1).float().div_(255)


@torch.inference_mode()
def elbo_terms(
    vae: VAE, images: np.ndarray, rng: np.random.Generator, samples: int = 1
) -> ElboTerms:
    """The terms of each image of uint8 `images` (N, 28, 28), with `samples` draws of z an image."""
    parts = []
    for batch in torch.from_numpy(images).to(vae.device).split(BATCH):
        x = pixels(batch)
        z_mean, z_log_var = vae.encoder(x)
        recon = torch.zeros(len(x), device=vae.device)
        for _ in range(samples):
            eps = draw_normal(rng, len(x), vae.latent_dim).to(vae.device)
            recon += recon_nats(vae.decoder(sample_z(z_mean, z_log_var, eps)), x)
        parts.append((recon / samples, kl_nats_per_dim(z_mean, z_log_var), z_mean))
    return ElboTerms(*(torch.cat(part).cpu() for part in zip(*parts, strict=True)))


@torch.inference_mode()
def encode(vae: VAE, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """uint8 images (N, 28, 28) -> float32 z_mean and z_log_var, (N, latent_dim) each."""
    batches = torch.from_numpy(images).to(vae.device).split(BATCH)
    parts = zip(*(vae.encoder(pixels(batch)) for batch in batches), strict=True)
    z_mean, z_log_var = (torch.cat(part).cpu().numpy() for part in parts)
    return z_mean, z_log_var


@torch.inference_mode()
def decode(vae: VAE, z: np.ndarray) -> np.ndarray:
    """z (..., latent_dim) -> x_mean (..., 28, 28) in [0, 1], in one call of the decoder."""
    flat = torch.from_numpy(z.astype(np.float32)).flatten(end_dim=-2).to(vae.device)
    return vae.decoder(flat).sigmoid().cpu().numpy().reshape(*z.shape[:-1], 28, 28)


def draw_normal(rng: np.random.Generator, *shape: int) -> Tensor:
    """float32 draws of N(0, 1) on the CPU: the same numbers whatever device they move to."""
    return torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))


def mean_nats(terms: ElboTerms) -> dict[str, float]:
    """The three means over the images, summed in float64."""
    return {
        "neg_elbo_nats": terms.neg_elbo_nats.double().mean().item(),
        "recon_nats": terms.recon_nats.double().mean().item(),
        "kl_nats": terms.kl_nats.double().mean().item(),
    }


def stderr_nats(terms: ElboTerms) -> float:
    """The standard error of the mean neg_elbo_nats over the images."""
    return terms.neg_elbo_nats.double().std().item() / math.sqrt(len(terms.recon_nats))


def mean_kl_per_dim(z_mean: np.ndarray, z_log_var: np.ndarray) -> np.ndarray:
    """KL of each dimension in nats, (latent_dim,), averaged over the images."""
    kl = kl_nats_per_dim(torch.from_numpy(z_mean), torch.from_numpy(z_log_var))
    return kl.double().mean(dim=0).numpy()
