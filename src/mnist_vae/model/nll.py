"""-log p(x) of whole sets of images, estimated by importance sampling."""

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae import random_streams
from mnist_vae.model.batches import BATCH, in_batches, samples_of_eps
from mnist_vae.model.inference import Posterior, encode
from mnist_vae.model.objective import log_ratio
from mnist_vae.model.vae import VAE, pixels, sample_z

# Chosen by 1,000 validation images and networks with 2, 8 and 32 dimensions; with 200 samples, the
# estimate falls by 0.3 to 0.4 nats: an encoder trained by the ELBO is too sure of new images.
WIDER = 1.2
# They also find z that the encoder does not think of: with 2 dimensions, residual and 500
# validation images, they take 500 samples of q from 133.43 to 131.85 nats; the integral is 131.83.
# With 8, they are worth 0.1 nats; with more, none of so few comes near an image.
PRIOR_SAMPLES = 10_000
FEW_DIMENSIONS = 8
AT_ONCE = 2**21  # numbers: images x shared draws x dimensions
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


class Shares(NamedTuple):
    """How many samples are drawn from q, and from p(z), to which r is the mixture."""

    of_q: int
    of_prior: int

    def log_ratio(self, log_ratio: Tensor) -> Tensor:
        """log p(z) - log r(z), in float64, where `log_ratio` is log p(z) - log q(z)."""
        all_samples = self.of_q + self.of_prior
        of_q, of_prior = (math.log(count / all_samples) if count else -math.inf for count in self)
        of_prior = torch.tensor(of_prior, dtype=torch.float64, device=log_ratio.device)
        return -torch.logaddexp(of_q - log_ratio.double(), of_prior)


def estimate_nll(
    vae: VAE,
    images: np.ndarray,
    rng: random_streams.Rng,
    samples: int,
    posterior: Posterior | None = None,
) -> NllEstimate:
    """Of observed uint8 `images` (N, H, W[, 3]): the mean of p(x|z) p(z) / r(z) over draws of z
    from r; Burda, Grosse & Salakhutdinov 2016, equation 8.

    For each image, `samples` are from q, which is `posterior`, by default the encoder's q(z|x),
    with WIDER times its standard deviations. With few dimensions, and a likelihood that is linear
    in x, PRIOR_SAMPLES more, which all images share, are from p(z), and r is the mixture of both;
    Veach & Guibas 1995, the balance heuristic. The effective number of samples is (sum of
    weights)^2 / sum of squared weights; Kong 1992.
    """
    z_mean, z_log_var = posterior or encode(vae, images)
    z_log_var = z_log_var + 2 * math.log(WIDER)
    shares_draws = vae.likelihood.IS_LINEAR and vae.latent_dim <= FEW_DIMENSIONS
    prior_samples = PRIOR_SAMPLES if shares_draws else 0
    shares = Shares(samples, prior_samples)
    # In float64, the logarithms of the sum of the weights and of the sum of their squares
    sums = [np.full(len(images), -np.inf)] * 2
    for eps in samples_of_eps(rng, samples, len(images), vae.latent_dim):
        add = partial(add_own_samples, shares)
        sums = in_batches(add, vae, images, z_mean, z_log_var, eps, *sums)
    if prior_samples:
        z_shared = random_streams.normal(rng, prior_samples, vae.latent_dim)
        at_once = max(1, AT_ONCE // (BATCH * vae.latent_dim))
        for start in range(0, prior_samples, at_once):
            z = z_shared[start : start + at_once]
            # As with images, a thread for each batch: threads that share one may change its bits
            shared = (z, *in_batches(decode_shared, vae, z))
            shared = (torch.from_numpy(part).to(vae.device) for part in shared)
            add = partial(add_shared_samples, shares, *shared)
            sums = in_batches(add, vae, images, z_mean, z_log_var, *sums)
    total, squares = sums
    samples += prior_samples
    return NllEstimate(
        math.log(samples) - total, np.exp(2 * total - squares), samples, images[0].size
    )


def add_own_samples(
    shares: Shares,
    vae: VAE,
    images: Tensor,
    z_mean: Tensor,
    z_log_var: Tensor,
    eps: Tensor,
    *sums: Tensor,
) -> tuple[Tensor, ...]:
    """`sums`, (B,) each, with those of the samples of eps (B, samples, latent_dim)."""
    x = pixels(images)
    # Filled in place: tensors that are kept between the decoder's large ones would split its memory
    log_weights = torch.empty_like(eps[..., 0], dtype=torch.float64)
    for i, each in enumerate(eps.unbind(dim=1)):
        z = sample_z(z_mean, z_log_var, each)
        recon = vae.likelihood.recon_nats(vae.decode(z), x)
        log_weights[:, i] = shares.log_ratio(log_ratio(z, z_mean, z_log_var)) - recon
    return add_weights(log_weights, *sums)


def decode_shared(vae: VAE, z: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (S, P) of z (S, latent_dim), and the reconstruction term (S,) of an image of zeros."""
    x_logits = vae.decode(z)
    return x_logits, vae.likelihood.recon_nats(x_logits, torch.zeros_like(x_logits))


def add_shared_samples(
    shares: Shares,
    z: Tensor,
    x_logits: Tensor,
    of_zeros: Tensor,
    vae: VAE,
    images: Tensor,
    z_mean: Tensor,
    z_log_var: Tensor,
    *sums: Tensor,
) -> tuple[Tensor, ...]:
    """`sums`, (B,) each, with those of z (S, latent_dim) for every image, by one product."""
    recon = of_zeros - pixels(images) @ x_logits.T
    ratio = log_ratio(z, z_mean[:, None], z_log_var[:, None])
    return add_weights(shares.log_ratio(ratio) - recon, *sums)


def add_weights(log_weights: Tensor, total: Tensor, squares: Tensor) -> tuple[Tensor, Tensor]:
    """The logarithms of the sums with those of (B, S) more weights and of their squares."""
    return (
        torch.logaddexp(total, log_sum_exp(log_weights)),
        torch.logaddexp(squares, log_sum_exp(2 * log_weights)),
    )


def log_sum_exp(values: Tensor) -> Tensor:
    """Of each row; torch.logsumexp's last digit is the CPU's own (machine/arithmetic.py)."""
    most = values.max(dim=1, keepdim=True).values
    return most[:, 0] + torch.log1p(torch.exp(values - most).sum(dim=1) - 1)
