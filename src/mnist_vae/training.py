"""fit(): the only optimiser loop."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist_vae.errors import ParamsError
from mnist_vae.inference import draw_normal, elbo_terms, mean_nats, pixels
from mnist_vae.objective import kl_nats, recon_nats
from mnist_vae.params import TrainParams
from mnist_vae.vae import VAE


class Epoch(NamedTuple):
    """Nats per image after epoch `number`: of train, the mean while its weights were moving."""

    number: int
    train: dict[str, float]
    validation: dict[str, float]


def split_validation(images: np.ndarray, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """(training, validation) images. The same for every seed, so that seeds compare.

    Raises ParamsError if one of the two would be empty.
    """
    held_out = round(len(images) * fraction)
    if not 0 < held_out < len(images):
        raise ParamsError(
            f"params.yaml: train.validation_fraction is {fraction}: of {len(images)} images it "
            f"holds out {held_out}; it must leave some on either side"
        )
    order = np.random.default_rng(0).permutation(len(images))
    return images[order[held_out:]], images[order[:held_out]]


def epoch_draws(seed: int, epoch: int, images: int, latent_dim: int) -> tuple[Tensor, Tensor]:
    """(order (N,), eps (N, latent_dim)) of one epoch, on the CPU.

    They depend on (seed, epoch) alone: no history of draws, and the same on every device.
    """
    rng = np.random.default_rng([seed, epoch])
    return torch.from_numpy(rng.permutation(images)), draw_normal(rng, images, latent_dim)


def learning_rate_at(step: int, steps: int, params: TrainParams) -> float:
    """The learning rate of step 0 <= step < steps; `linear` and `cosine` end at 0."""
    left = 1 - step / steps
    factor = {
        "constant": 1.0,
        "linear": left,
        "cosine": 0.5 * (1 - math.cos(math.pi * left)),
    }[params.schedule]
    return params.learning_rate * factor


def fit(
    vae: VAE, train: np.ndarray, validation: np.ndarray, params: TrainParams, seed: int
) -> Iterator[Epoch]:
    """Train `vae` in place on uint8 images (N, 28, 28); yields after each epoch."""
    images = torch.from_numpy(train).to(next(vae.parameters()).device)
    optimiser = torch.optim.Adam(vae.parameters(), lr=params.learning_rate, fused=True)
    for number in range(1, params.epochs + 1):
        sums = train_epoch(vae, optimiser, images, params, seed, number)
        # Epoch 0's noise every time: then only the weights move the validation curve.
        terms = elbo_terms(vae, validation, np.random.default_rng([seed, 0]))
        recon, kl = (sums / len(images)).tolist()
        losses = {"neg_elbo_nats": recon + kl, "recon_nats": recon, "kl_nats": kl}
        yield Epoch(number, train=losses, validation=mean_nats(terms))


def train_epoch(
    vae: VAE,
    optimiser: torch.optim.Optimizer,
    images: Tensor,
    params: TrainParams,
    seed: int,
    epoch: int,
) -> Tensor:
    """One pass over `images`; returns the sums of recon_nats and kl_nats, float64 (2,)."""
    order, eps = epoch_draws(seed, epoch, len(images), vae.latent_dim)
    order, eps = order.to(images.device), eps.to(images.device)
    batches = list(zip(order.split(params.batch_size), eps.split(params.batch_size), strict=True))
    sums = torch.empty(len(batches), 2, device=images.device)
    for i, (index, noise) in enumerate(batches):
        step = (epoch - 1) * len(batches) + i
        optimiser.param_groups[0]["lr"] = learning_rate_at(
            step, params.epochs * len(batches), params
        )
        x = pixels(images.index_select(0, index))
        x_logits, z_mean, z_log_var = vae(x, noise)
        recon, kl = recon_nats(x_logits, x).sum(), kl_nats(z_mean, z_log_var).sum()
        optimiser.zero_grad()
        # Not over the images of this batch: the last, short one must not weigh more.
        ((recon + kl) / params.batch_size).backward()
        optimiser.step()
        sums[i, 0], sums[i, 1] = recon.detach(), kl.detach()
    return sums.cpu().double().sum(dim=0)
