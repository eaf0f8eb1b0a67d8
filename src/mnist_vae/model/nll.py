"""-log p(x) of whole sets of images, estimated by importance sampling."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae import random_streams
from mnist_vae.model.batches import in_batches, samples_of_eps
from mnist_vae.model.inference import Posterior, encode
from mnist_vae.model.objective import log_ratio
from mnist_vae.model.vae import VAE, pixels, sample_z

# Chosen by 1,000 validation images and networks with 2, 8 and 32 dimensions; with 200 samples, the
# estimate falls by 0.3 to 0.4 nats: an encoder trained by the ELBO is too sure of new images.
WIDER = 1.2
FEW_SAMPLES = 10  # effective ones, below which -log p(x) is likely too high


class NllEstimate(NamedTuple):
    """For each image, (N,): -log p(x) in nats, and its effective number of samples: 1 if a single
    one decides and the estimate is too high, at most `samples`. An image has `values` numbers."""

    nll_nats: np.ndarray
    effective_samples: np.ndarray
    samples: int
    values: int

    @property
    def stderr(self) -> float:
        """The standard error of the mean over the images."""
        return float(self.nll_nats.std(ddof=1)) / math.sqrt(len(self.nll_nats))

    @property
    def diagnostics(self) -> dict[str, float]:
        """How far to trust it."""
        lowest, median = np.quantile(self.effective_samples, [0.05, 0.5]).tolist()
        return {
            "nll_nats_stderr": self.stderr,
            "effective_samples_median": median,
            "effective_samples_lowest_5_percent": lowest,
        }

    def __str__(self) -> str:
        _, median, lowest = self.diagnostics.values()
        text = (
            f"-log p(x) {self.nll_nats.mean():.2f} +- {self.stderr:.2f} nats per image; effective "
            f"samples: {median:.1f} of {self.samples:,} (median), {lowest:.1f} (lowest 5 %)"
        )
        if median < FEW_SAMPLES:
            text += "\nthese are few: a larger evaluate.importance_samples would likely give less"
        return text

    @property
    def bits_per_dim(self) -> float:
        """The mean in bits per value; a colour has three. Of a density, it may be negative."""
        return float(self.nll_nats.mean()) / (self.values * math.log(2))


def estimate_nll(
    vae: VAE,
    images: np.ndarray,
    rng: random_streams.Rng,
    samples: int,
    posterior: Posterior | None = None,
) -> NllEstimate:
    """Of observed uint8 `images` (N, H, W[, 3]): the mean of p(x|z) p(z) / r(z) over draws of z
    from r, which is `posterior`, by default the encoder's q(z|x), with WIDER times its standard
    deviations; Burda, Grosse & Salakhutdinov 2016, equation 8. The effective number of samples is
    (sum of weights)^2 / sum of squared weights; Kong 1992.
    """
    z_mean, z_log_var = posterior or encode(vae, images)
    z_log_var = z_log_var + 2 * math.log(WIDER)
    # In float64, the logarithms of the sum of the weights and of the sum of their squares
    total = squares = np.full(len(images), -np.inf)
    for eps in samples_of_eps(rng, samples, len(images), vae.latent_dim):
        columns = images, z_mean, z_log_var, eps, total, squares
        total, squares = in_batches(add_weights, vae, *columns)
    return NllEstimate(
        math.log(samples) - total, np.exp(2 * total - squares), samples, images[0].size
    )


def add_weights(
    vae: VAE,
    images: Tensor,
    z_mean: Tensor,
    z_log_var: Tensor,
    eps: Tensor,
    total: Tensor,
    squares: Tensor,
) -> tuple[Tensor, Tensor]:
    """`total` and `squares` (B,) with those of the samples of eps (B, samples, latent_dim)."""
    x = pixels(images)
    for each in eps.unbind(dim=1):
        z = sample_z(z_mean, z_log_var, each)
        recon = vae.likelihood.recon_nats(vae.decode(z), x).double()
        log_weight = log_ratio(z, z_mean, z_log_var).double() - recon
        total = torch.logaddexp(total, log_weight)
        squares = torch.logaddexp(squares, 2 * log_weight)
    return total, squares
