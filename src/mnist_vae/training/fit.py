"""fit(): the only optimiser loop."""

import math
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from mnist_vae import random_streams
from mnist_vae.errors import PipelineError
from mnist_vae.model.elbo import elbo_terms, mean_nats
from mnist_vae.model.vae import VAE, overwrite_pixels, pixels
from mnist_vae.params.schema import ELBO, ObjectiveParams, TrainParams
from mnist_vae.params.sizes import held_out
from mnist_vae.training.adam import Adam
from mnist_vae.training.checkpoints import Checkpoint
from mnist_vae.training.schedules import schedules
from mnist_vae.training.state import Epoch, resume, training_state
from mnist_vae.training.steps import TrainingEpoch

LOST = 1e5  # nats per image, from which training does not return; a decoder of grey has 543


def split_validation(images: np.ndarray, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """(training, validation) images. Raises ParamsError if one of the two would be empty."""
    count = held_out(len(images), fraction)
    order = random_streams.validation_split().permutation(len(images))
    return images[order[count:]], images[order[:count]]


def epoch_draws(seed: int, epoch: int, images: int, *shape: int) -> tuple[Tensor, Tensor]:
    """(order (N,), eps (N, *shape)) of one epoch, on the CPU."""
    order = random_streams.training_order(seed, epoch).permutation(images)
    eps = random_streams.normal(random_streams.training_eps(seed, epoch), images, *shape)
    return torch.from_numpy(order), torch.from_numpy(eps)


def fit(
    vae: VAE,
    train: np.ndarray,
    validation: np.ndarray,
    params: TrainParams,
    seed: int,
    checkpoint: Checkpoint | None = None,
    objective: ObjectiveParams = ELBO,
) -> Iterator[Epoch]:
    """Train `vae` in place on uint8 images (N, H, W[, 3]); yields after each epoch.

    With a `checkpoint`, training resumes from it, and the epochs before it are yielded as well.
    Raises PipelineError after an epoch whose loss is not finite, and WrongInputError if the network
    refuses a batch or changes what no file of weights holds.
    """
    x = pixels(torch.from_numpy(train).to(vae.device))
    validation = vae.likelihood.observe(validation, random_streams.validation_pixels())
    optimiser = Adam(vae.parameters(), params.max_grad_norm)
    history = resume(checkpoint, vae, optimiser) if checkpoint else []
    yield from history
    vae.train()  # for the steps, which are recorded once
    run_epoch = TrainingEpoch(vae, optimiser, x, params.batch_size, objective.importance_samples)
    steps = math.ceil(len(x) / params.batch_size)
    for number in range(len(history) + 1, params.epochs + 1):
        start = time.perf_counter()
        if vae.likelihood.DRAWS_PIXELS:
            seen = vae.likelihood.observe(train, random_streams.training_pixels(seed, number))
            overwrite_pixels(x, torch.from_numpy(seen).to(vae.device))
        rates, betas = schedules(number, steps, params, objective)
        inputs = (*epoch_draws(seed, number, len(x), *run_epoch.shape), rates, betas)
        torch.manual_seed(random_streams.network_noise(seed, number))
        vae.train()  # for those that are not recorded: validation leaves it in eval mode
        sums = run_epoch(*(tensor.to(vae.device) for tensor in inputs)).cpu().numpy()
        recon, kl = (sums.sum(axis=0, dtype=np.float64) / len(x)).tolist()
        losses = {"neg_elbo_nats": recon + kl, "recon_nats": recon, "kl_nats": kl}
        terms = elbo_terms(vae.eval(), validation, random_streams.validation_eps(seed))
        seconds = time.perf_counter() - start
        epoch = Epoch(number, seconds, train=losses, validation=mean_nats(terms))
        stop_if_diverged(epoch, sums, params)
        history.append(epoch)
        if checkpoint and checkpoint.due():
            checkpoint.save(training_state(history, vae, optimiser))
        yield epoch


def stop_if_diverged(epoch: Epoch, sums: np.ndarray, params: TrainParams) -> None:
    """`sums` (steps, 2) are those of the epoch's steps. Raises PipelineError."""
    (lost,) = np.nonzero(~np.isfinite(sums).all(axis=1))
    validation = epoch.validation["neg_elbo_nats"]
    if len(lost):
        how = f", step {lost[0] + 1} of {len(sums)}: the loss is no longer finite"
    elif not abs(validation) < LOST:  # nan is not less, either
        how = f": the validation loss is {validation:.3g} nats"
    else:
        return
    raise PipelineError(
        f"training diverged in epoch {epoch.number}{how}, most likely because "
        f"train.learning_rate, {params.learning_rate}, is too high: lower it"
    )
