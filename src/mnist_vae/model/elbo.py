"""The negative ELBO of whole sets of images."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae import random_streams
from mnist_vae.model.batches import in_batches, samples_of_eps
from mnist_vae.model.inference import Posterior, encode
from mnist_vae.model.objective import kl_nats_per_dim
from mnist_vae.model.vae import VAE, pixels, sample_z


class ElboTerms(NamedTuple):
    """recon_nats (N,), a mean over samples of z; kl_nats_per_dim and z_mean (N, latent_dim)."""

    recon_nats: np.ndarray
    kl_nats_per_dim: np.ndarray
    z_mean: np.ndarray

    @property
    def kl_nats(self) -> np.ndarray:
        return self.kl_nats_per_dim.sum(axis=1)

    @property
    def neg_elbo_nats(self) -> np.ndarray:
        return self.recon_nats + self.kl_nats


def elbo_terms(
    vae: VAE,
    images: np.ndarray,
    rng: random_streams.Rng,
    samples: int = 1,
    posterior: Posterior | None = None,
) -> ElboTerms:
    """The terms for each of the observed uint8 `images` (N, H, W[, 3]), with `samples` draws of z
    per image from `posterior`, by default the encoder's."""
    z_mean, z_log_var = posterior or encode(vae, images)
    total = np.zeros(len(images), np.float32)
    for eps in samples_of_eps(rng, samples, len(images), vae.latent_dim):
        recon, kl = in_batches(terms_of_samples, vae, images, z_mean, z_log_var, eps)
        total += recon
    return ElboTerms(total / np.float32(samples), kl, z_mean)


def terms_of_samples(
    vae: VAE, images: Tensor, z_mean: Tensor, z_log_var: Tensor, eps: Tensor
) -> tuple[Tensor, Tensor]:
    """recon_nats (B,) summed over the samples of eps (B, samples, latent_dim), and
    kl_nats_per_dim."""
    x = pixels(images)
    recon = torch.zeros_like(x[:, 0])
    for each in eps.unbind(dim=1):
        recon += vae.likelihood.recon_nats(vae.decode(sample_z(z_mean, z_log_var, each)), x)
    return recon, kl_nats_per_dim(z_mean, z_log_var)


def mean_nats(terms: ElboTerms) -> dict[str, float]:
    """The three means over the images, summed in float64."""
    return {
        "neg_elbo_nats": float(terms.neg_elbo_nats.mean(dtype=np.float64)),
        "recon_nats": float(terms.recon_nats.mean(dtype=np.float64)),
        "kl_nats": float(terms.kl_nats.mean(dtype=np.float64)),
    }


def stderr_nats(terms: ElboTerms) -> float:
    """The standard error of the mean of neg_elbo_nats over the images."""
    nats = terms.neg_elbo_nats.astype(np.float64)
    return float(nats.std(ddof=1)) / math.sqrt(len(nats))
