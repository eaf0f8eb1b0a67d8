"""The negative ELBO of whole sets of images, estimated in large batches."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae import draws
from mnist_vae.model.objective import kl_nats_per_dim
from mnist_vae.model.vae import BATCH, VAE, pixels, sample_z


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


@torch.inference_mode()
def elbo_terms(vae: VAE, images: np.ndarray, rng: draws.Rng, samples: int = 1) -> ElboTerms:
    """The terms for each of the observed uint8 `images` (N, 28, 28), with `samples` draws of z per
    image.

    Each sample has a stream of its own, so that an image's eps do not depend on BATCH.
    """
    parts, streams = [], rng.spawn(samples)
    for batch in torch.from_numpy(images).to(vae.device).split(BATCH):
        x = pixels(batch)
        z_mean, z_log_var = vae.encode(x)
        recon = torch.zeros(len(x), device=vae.device)
        for stream in streams:
            eps = torch.from_numpy(draws.normal(stream, len(x), vae.latent_dim)).to(vae.device)
            recon += vae.likelihood.recon_nats(vae.decode(sample_z(z_mean, z_log_var, eps)), x)
        parts.append((recon / samples, kl_nats_per_dim(z_mean, z_log_var), z_mean))
    return ElboTerms(*(torch.cat(part).cpu() for part in zip(*parts, strict=True)))


def mean_nats(terms: ElboTerms) -> dict[str, float]:
    """The three means over the images, summed in float64."""
    return {
        "neg_elbo_nats": terms.neg_elbo_nats.double().mean().item(),
        "recon_nats": terms.recon_nats.double().mean().item(),
        "kl_nats": terms.kl_nats.double().mean().item(),
    }


def stderr_nats(terms: ElboTerms) -> float:
    """The standard error of the mean of neg_elbo_nats over the images."""
    return terms.neg_elbo_nats.double().std().item() / math.sqrt(len(terms.recon_nats))
